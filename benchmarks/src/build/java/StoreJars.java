import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** Rewrites the jars of a folder without compression, run by the JDK from its source. */
public final class StoreJars {

    private StoreJars() {}

    public static void main(String[] arguments) throws IOException {
        List<Path> jars;
        try (Stream<Path> files = Files.list(Path.of(arguments[0]))) {
            jars = files.filter(file -> file.toString().endsWith(".jar")).toList();
        }
        for (Path jar : jars) {
            Path stored = jar.resolveSibling(jar.getFileName() + ".stored");
            try (ZipFile from = new ZipFile(jar.toFile());
                    OutputStream file = Files.newOutputStream(stored);
                    ZipOutputStream to = new ZipOutputStream(file)) {
                to.setMethod(ZipOutputStream.STORED);
                for (ZipEntry entry :
                        (Iterable<ZipEntry>) from.stream().map(e -> (ZipEntry) e)::iterator) {
                    copy(from, entry, to);
                }
            }
            Files.move(stored, jar, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void copy(ZipFile from, ZipEntry entry, ZipOutputStream to) throws IOException {
        byte[] bytes = from.getInputStream(entry).readAllBytes();
        CRC32 sum = new CRC32();
        sum.update(bytes);
        ZipEntry plain = new ZipEntry(entry.getName());
        plain.setSize(bytes.length);
        plain.setCrc(sum.getValue());
        to.putNextEntry(plain);
        to.write(bytes);
        to.closeEntry();
    }
}
