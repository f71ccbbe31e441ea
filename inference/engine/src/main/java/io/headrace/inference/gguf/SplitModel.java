package io.headrace.inference.gguf;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** A model in several files, named {@code NAME-00001-of-00003.gguf} as llama.cpp splits them. */
public final class SplitModel {

    private static final Pattern NAME = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");
    private static final int MOST_PARTS = 1000;

    private SplitModel() {}

    /** Returns the files of a model in order: the file alone, or those that its name speaks of. */
    public static List<Path> parts(Path path) {
        Matcher name = NAME.matcher(path.getFileName().toString());
        if (!name.matches()) {
            return List.of(path);
        }
        int count = Integer.parseInt(name.group(3));
        if (count < 2 || count > MOST_PARTS || Integer.parseInt(name.group(2)) != 1) {
            return List.of(path);
        }
        return IntStream.rangeClosed(1, count)
                .mapToObj(
                        part ->
                                path.resolveSibling(
                                        "%s-%05d-of-%05d.gguf"
                                                .formatted(name.group(1), part, count)))
                .toList();
    }

    static void requireFirst(Path path, GgufFile file, List<Path> parts)
            throws GgufInput.DamagedException {
        long count = file.integer("split.count").orElse(1);
        long number = file.integer("split.no").orElse(-1);
        require(
                number == 0,
                "it is part "
                        + (number + 1)
                        + " of "
                        + count
                        + " of a split model; name the first part, which ends in -00001-of-"
                        + "%05d.gguf".formatted(count));
        require(
                parts.size() == count,
                "it is the first of "
                        + count
                        + " parts of a split model, but is not named NAME-00001-of-"
                        + "%05d.gguf".formatted(count));
        for (Path part : parts) {
            require(
                    Files.isRegularFile(part),
                    "its part " + part.getFileName() + " is not beside " + path.getFileName());
        }
    }

    static void requirePart(GgufFile part, int number, long count, Set<String> names)
            throws GgufInput.DamagedException {
        require(
                part.integer("split.no").orElse(-1) == number
                        && part.integer("split.count").orElse(count) == count,
                "it should be part "
                        + (number + 1)
                        + " of a split model of "
                        + count
                        + " parts and is not");
        for (GgufFile.Tensor tensor : part.tensors()) {
            require(names.add(tensor.name()), "the tensor " + tensor.name() + " is there twice");
        }
    }

    static void requireWhole(GgufFile first, int tensors) throws GgufInput.DamagedException {
        long claimed = first.integer("split.tensors.count").orElse(tensors);
        require(
                claimed == tensors,
                "its parts hold "
                        + tensors
                        + " tensors together and should hold "
                        + claimed
                        + "; one of them is of another model");
    }

    private static void require(boolean condition, String otherwise)
            throws GgufInput.DamagedException {
        if (!condition) {
            throw new GgufInput.DamagedException(otherwise + ".");
        }
    }
}
