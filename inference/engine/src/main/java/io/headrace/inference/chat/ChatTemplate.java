package io.headrace.inference.chat;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.RenderResult;
import io.headrace.inference.ModelLoadException;
import io.headrace.inference.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How a model wants its conversations written, from the Jinja template in its metadata.
 *
 * <p>The template is rendered once for each shape of conversation, with a marker in place of each
 * content, and cut at the markers. So contents are never seen by the template engine, a template
 * costs nothing a request, and every content can be tokenized by itself as plain text. A template
 * that refuses a system message, or leaves it out, gets the instructions at the head of the user
 * message. One that trims contents makes this class trim them too. Immutable.
 */
public final class ChatTemplate {

    /** Used for models that bring none: the roles in lines of their own. */
    public static final String DEFAULT =
            """
            {% for message in messages %}### {{ message.role }}:
            {{ message.content }}

            {% endfor %}{% if add_generation_prompt %}### assistant:
            {% endif %}""";

    /** Between instructions and message where both share one message. */
    private static final String FOLD = "\n\n";

    private static final String SYSTEM_MARK = "HEADRACEsystemCONTENT";
    private static final String USER_MARK = "HEADRACEuserCONTENT";

    private final String source;
    private final Shape withSystem;
    private final Shape withoutSystem;

    /**
     * Text around the contents of one shape of conversation; {@code middle} is null when folded.
     */
    private record Shape(
            String before,
            String middle,
            String after,
            boolean trimsSystem,
            boolean trimsUserBegin,
            boolean trimsUserEnd) {

        /** Returns the shape of one message that holds instructions and user's message. */
        Shape folded() {
            return new Shape(before, null, after, trimsUserBegin, false, trimsUserEnd);
        }
    }

    private ChatTemplate(String source, Shape withSystem, Shape withoutSystem) {
        this.source = source;
        this.withSystem = withSystem;
        this.withoutSystem = withoutSystem;
    }

    /**
     * Reads a template.
     *
     * @param source the Jinja text; none takes {@link #DEFAULT}
     * @param beginOfText the text of the model's first token, empty where it has none
     * @param endOfText the text of the model's last token, empty where it has none
     * @throws ModelLoadException if not even a lone user message can be rendered
     */
    public static ChatTemplate of(Optional<String> source, String beginOfText, String endOfText) {
        String text = source.orElse(DEFAULT);
        Renderer renderer = new Renderer(text, beginOfText, endOfText);
        String alone = renderer.render(List.of(message("user", USER_MARK)));
        if (alone == null || !containsOnce(alone, USER_MARK)) {
            throw new ModelLoadException(
                    "The model's chat template cannot be used: "
                            + (alone == null
                                    ? renderer.problem
                                    : "it does not write the user's message once")
                            + "; put one that can into a file beside the model, named like it with"
                            + " .jinja behind.");
        }
        Shape withoutSystem = cut(alone, false, renderer);
        String both =
                renderer.render(
                        List.of(message("system", SYSTEM_MARK), message("user", USER_MARK)));
        boolean usable =
                both != null
                        && containsOnce(both, SYSTEM_MARK)
                        && containsOnce(both, USER_MARK)
                        && both.indexOf(SYSTEM_MARK) < both.indexOf(USER_MARK);
        Shape withSystem = usable ? cut(both, true, renderer) : withoutSystem.folded();
        return new ChatTemplate(text, withSystem, withoutSystem);
    }

    /**
     * Returns whether the template writes a text, or would in another conversation, for instance
     * around calls of tools.
     */
    public boolean mentions(String text) {
        return source.contains(text)
                || Stream.of(withSystem, withoutSystem)
                        .flatMap(shape -> Stream.of(shape.before(), shape.middle(), shape.after()))
                        .anyMatch(written -> written != null && written.contains(text));
    }

    /** Returns a prompt as pieces, in order. */
    public List<PromptPiece> render(Prompt prompt) {
        boolean hasSystem = !prompt.system().isEmpty();
        Shape shape = hasSystem ? withSystem : withoutSystem;
        List<PromptPiece> pieces = new ArrayList<>();
        List<String> user = new ArrayList<>(prompt.user());
        pieces.add(PromptPiece.markup(shape.before()));
        if (hasSystem) {
            String system = shape.trimsSystem() ? prompt.system().strip() : prompt.system();
            boolean folded = shape.middle() == null;
            pieces.add(PromptPiece.content(folded ? system + FOLD : system));
            if (!folded) {
                pieces.add(PromptPiece.markup(shape.middle()));
            }
        }
        if (shape.trimsUserBegin()) {
            user.set(0, user.get(0).stripLeading());
        }
        if (shape.trimsUserEnd()) {
            user.set(user.size() - 1, user.get(user.size() - 1).stripTrailing());
        }
        user.forEach(piece -> pieces.add(PromptPiece.content(piece)));
        pieces.add(PromptPiece.markup(shape.after()));
        return pieces;
    }

    private static Shape cut(String rendered, boolean hasSystem, Renderer renderer) {
        int user = rendered.indexOf(USER_MARK);
        String after = rendered.substring(user + USER_MARK.length());
        boolean begin = !renderer.keepsBlanks(hasSystem, " ", "");
        boolean end = !renderer.keepsBlanks(hasSystem, "", " ");
        if (!hasSystem) {
            return new Shape(rendered.substring(0, user), null, after, false, begin, end);
        }
        int system = rendered.indexOf(SYSTEM_MARK);
        return new Shape(
                rendered.substring(0, system),
                rendered.substring(system + SYSTEM_MARK.length(), user),
                after,
                !renderer.keepsBlanksOfSystem(),
                begin,
                end);
    }

    private static boolean containsOnce(String text, String mark) {
        int first = text.indexOf(mark);
        return first >= 0 && text.indexOf(mark, first + 1) < 0;
    }

    private static Map<String, Object> message(String role, String content) {
        return Map.of("role", role, "content", content);
    }

    /** Renders one template, and remembers why it last could not. */
    private static final class Renderer {
        private final Jinjava jinjava;
        private final String source;
        private final String beginOfText;
        private final String endOfText;
        private String problem = "";

        Renderer(String source, String beginOfText, String endOfText) {
            this.source = JinjaDialect.adapt(source);
            this.beginOfText = beginOfText;
            this.endOfText = endOfText;
            JinjavaConfig config =
                    JinjavaConfig.newBuilder()
                            .withNestedInterpretationEnabled(false)
                            .withKeepTrailingNewline(true)
                            .withMaxOutputSize(1 << 20)
                            .withLegacyOverrides(
                                    LegacyOverrides.newBuilder()
                                            .withEvaluateMapKeys(true)
                                            .withUsePyishObjectMapper(true)
                                            .build())
                            .build();
            this.jinjava = new Jinjava(config);
            JinjaDialect.register(jinjava);
        }

        /** Returns the rendered conversation; null where the template refuses it. */
        String render(List<Map<String, Object>> messages) {
            RenderResult result =
                    jinjava.renderForResult(
                            source,
                            Map.of(
                                    "messages", messages,
                                    "add_generation_prompt", true,
                                    "enable_thinking", false,
                                    "bos_token", beginOfText,
                                    "eos_token", endOfText));
            if (result.hasErrors()) {
                problem = result.getErrors().get(0).getMessage().replaceAll("\\s+", " ");
                return null;
            }
            return result.getOutput();
        }

        /** Returns whether blanks around the user's message are written. */
        boolean keepsBlanks(boolean hasSystem, String before, String after) {
            String bare = render(conversation(hasSystem, USER_MARK));
            String spaced = render(conversation(hasSystem, before + USER_MARK + after));
            return bare == null || spaced == null || spaced.length() > bare.length();
        }

        private static List<Map<String, Object>> conversation(boolean hasSystem, String user) {
            return hasSystem
                    ? List.of(message("system", SYSTEM_MARK), message("user", user))
                    : List.of(message("user", user));
        }

        boolean keepsBlanksOfSystem() {
            String spaced = " " + SYSTEM_MARK + " ";
            String rendered =
                    render(List.of(message("system", spaced), message("user", USER_MARK)));
            return rendered == null || rendered.contains(spaced);
        }
    }
}
