package io.headrace.connectors;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/**
 * A registry's URL in two parts.
 *
 * @param address the URL without a user in it
 * @param userInfo user:password where the URL had one
 */
record RegistryUrl(String address, Optional<String> userInfo) {

    /** Throws {@link IllegalArgumentException}, which repeats no password. */
    static RegistryUrl parse(String text) {
        try {
            URI uri = new URI(text);
            if (!"http".equals(uri.getScheme()) && !"https".equals(uri.getScheme())) {
                throw new IllegalArgumentException(
                        "A schema registry's URL starts with http:// or https://, not "
                                + uri.getScheme());
            }
            String rawUserInfo = uri.getRawUserInfo();
            return rawUserInfo == null
                    ? new RegistryUrl(text, Optional.empty())
                    : new RegistryUrl(
                            text.replace(rawUserInfo + "@", ""), Optional.of(uri.getUserInfo()));
        } catch (URISyntaxException e) {
            // The cause is left out: it quotes the text, with a password perhaps.
            throw new IllegalArgumentException(
                    "A schema registry's URL is not well formed at character " + e.getIndex());
        }
    }

    @Override
    public String toString() {
        return address;
    }
}
