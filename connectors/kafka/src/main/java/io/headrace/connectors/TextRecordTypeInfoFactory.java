package io.headrace.connectors;

import java.lang.reflect.Type;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInfoFactory;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/** Lets Flink find the serializer of {@link TextRecord} by itself. */
public final class TextRecordTypeInfoFactory extends TypeInfoFactory<TextRecord> {

    @Override
    public TypeInformation<TextRecord> createTypeInfo(
            Type type, Map<String, TypeInformation<?>> genericParameters) {
        return TextRecord.typeInformation();
    }
}
