package io.headrace.connectors;

import java.lang.reflect.Type;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInfoFactory;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/** Lets Flink find the serializer of {@link KafkaRecord} by itself. */
public final class KafkaRecordTypeInfoFactory extends TypeInfoFactory<KafkaRecord> {

    @Override
    public TypeInformation<KafkaRecord> createTypeInfo(
            Type type, Map<String, TypeInformation<?>> genericParameters) {
        return KafkaRecord.typeInformation();
    }
}
