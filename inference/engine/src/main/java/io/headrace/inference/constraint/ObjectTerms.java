package io.headrace.inference.constraint;

import java.util.List;

/** Terms for objects: properties in their order, optional ones present or left out. */
final class ObjectTerms {

    /**
     * A property of an object.
     *
     * @param key the name as a JSON string
     * @param value null when no value is possible
     */
    record Property(String key, Term value, boolean optional) {}

    /** Null when a required property has no possible value. */
    Term object(List<Property> properties) {
        // Built from the end; what follows a property is shared by all the ways that lead there.
        Term afterFirst = DfaTerm.literal("}");
        Term afterNone = afterFirst;
        for (int i = properties.size() - 1; i >= 0; i--) {
            Property property = properties.get(i);
            Term present = SequenceTerm.of(property.value, afterFirst);
            Term withComma = SequenceTerm.of(DfaTerm.literal("," + property.key + ":"), present);
            Term without = SequenceTerm.of(DfaTerm.literal(property.key + ":"), present);
            afterNone = property.optional ? ChoiceTerm.of(without, afterNone) : without;
            afterFirst = property.optional ? ChoiceTerm.of(withComma, afterFirst) : withComma;
        }
        return SequenceTerm.of(DfaTerm.literal("{"), afterNone);
    }
}
