package io.headrace.sql.script;

import java.io.PrintStream;
import org.apache.flink.table.gateway.service.application.Printer;

/** Prints statements and results as Flink's printer does, but keeps failures for the caller. */
final class StatementPrinter extends Printer {

    private String statement = "";

    StatementPrinter(PrintStream out) {
        super(out);
    }

    /** The statement that was begun last. */
    String statement() {
        return statement;
    }

    @Override
    public void print(String begun) {
        // Flink hands over what stands behind a statement with it.
        int end = begun.lastIndexOf(';');
        statement = (end < 0 ? begun : begun.substring(0, end + 1)).strip();
        super.print(statement);
    }

    /** Prints nothing: whoever runs the script says what failed. */
    @Override
    public void print(Throwable failure) {}
}
