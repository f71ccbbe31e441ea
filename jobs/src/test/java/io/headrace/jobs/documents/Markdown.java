package io.headrace.jobs.documents;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of the documentation.
 *
 * @param path the file
 * @param text what it says
 */
record Markdown(Path path, String text) {

    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$");
    private static final Pattern SPAN = Pattern.compile("(?<!`)`([^`\\n]+)`(?!`)");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");

    /** A fenced piece of code with its language, which may be empty. */
    record Block(String language, String code) {}

    /** All pages but the decisions, which tell of the past. */
    static List<Markdown> pages() {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(
                            Stream.of("README.md", "CONTRIBUTING.md", "model/README.md")
                                    .map(ROOT::resolve),
                            docs.filter(file -> file.toString().endsWith(".md")).sorted())
                    .map(Markdown::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Markdown read(Path path) {
        try {
            return new Markdown(path, Files.readString(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Block> blocks() {
        return BLOCK.matcher(text)
                .results()
                .map(found -> new Block(found.group(1), found.group(2)))
                .toList();
    }

    List<Block> blocks(String language) {
        return blocks().stream().filter(block -> block.language().equals(language)).toList();
    }

    /** Lines of blocks without a language and spans that are commands of the launcher. */
    List<String> commands(String program) {
        Stream<String> inBlocks =
                Stream.concat(blocks("").stream(), blocks("bash").stream())
                        .flatMap(block -> block.code().lines());
        Stream<String> spans =
                SPAN.matcher(BLOCK.matcher(text).replaceAll("")).results().map(it -> it.group(1));
        return Stream.concat(inBlocks, spans)
                .map(String::strip)
                .filter(line -> line.startsWith(program + " "))
                .map(line -> line.replaceAll(" +# .*", ""))
                .toList();
    }

    List<String> links() {
        return LINK.matcher(text)
                .results()
                .map(found -> found.group(1))
                .filter(link -> !link.contains("://"))
                .toList();
    }

    /** Headings as the anchors that links name. */
    List<String> anchors() {
        return HEADING.matcher(text)
                .results()
                .map(
                        found ->
                                found.group(1)
                                        .toLowerCase(Locale.ROOT)
                                        .replaceAll("[^a-z0-9 _-]", "")
                                        .replace(' ', '-'))
                .toList();
    }

    @Override
    public String toString() {
        return ROOT.relativize(path).toString();
    }
}
