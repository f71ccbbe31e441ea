package io.headrace.connectors;

import java.lang.reflect.Type;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInfoFactory;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/** Lets Flink find the serializer of {@link OutboundRecord} by itself. */
public final class OutboundRecordTypeInfoFactory extends TypeInfoFactory<OutboundRecord> {

    @Override
    public TypeInformation<OutboundRecord> createTypeInfo(
            Type type, Map<String, TypeInformation<?>> genericParameters) {
        return OutboundRecord.typeInformation();
    }
}
