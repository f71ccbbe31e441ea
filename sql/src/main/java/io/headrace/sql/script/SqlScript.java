package io.headrace.sql.script;

import java.io.PrintStream;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.config.TableConfigOptions;
import org.apache.flink.table.gateway.api.session.SessionEnvironment;
import org.apache.flink.table.gateway.api.session.SessionHandle;
import org.apache.flink.table.gateway.rest.util.SqlGatewayRestAPIVersion;
import org.apache.flink.table.gateway.service.application.ScriptExecutor;
import org.apache.flink.table.gateway.service.context.DefaultContext;
import org.apache.flink.table.gateway.service.context.SessionContext;
import org.apache.flink.util.concurrent.Executors;

/**
 * Runs a file of SQL statements, one after another, on a Flink that is running. A statement that
 * inserts is waited for, so that the next one sees its rows; what is to run at the same time stands
 * in a statement set.
 *
 * <p>Only one script at a time in a process: Flink's executor takes the environment from a static
 * field.
 */
public final class SqlScript {

    private SqlScript() {}

    /**
     * Runs all statements.
     *
     * @param script the statements
     * @param flink Flink options, with the address of the cluster; the script's own SETs win
     * @param out where statements and their results are printed
     * @throws SqlScriptException if a statement fails; those after it are not run
     */
    public static void run(String script, Configuration flink, PrintStream out) {
        Configuration session = new Configuration(flink);
        session.set(TableConfigOptions.TABLE_DML_SYNC, true);
        StatementPrinter printer = new StatementPrinter(out);
        Environment.use(session);
        try {
            SessionContext context = open(session);
            try {
                new ScriptExecutor(context, printer).execute(script);
            } finally {
                context.close();
            }
        } catch (RuntimeException e) {
            throw new SqlScriptException(
                    "the statement failed: " + FailureText.of(e) + "\n" + printer.statement(), e);
        } finally {
            Environment.leave();
        }
    }

    private static SessionContext open(Configuration session) {
        return SessionContext.create(
                new DefaultContext(session, List.of()),
                SessionHandle.create(),
                SessionEnvironment.newBuilder()
                        .setSessionEndpointVersion(SqlGatewayRestAPIVersion.getDefaultVersion())
                        .build(),
                Executors.newDirectExecutorService());
    }

    /** Makes every environment that Flink opens one of the given cluster. */
    @SuppressWarnings("try") // Nobody opens one in a try statement.
    private static final class Environment extends StreamExecutionEnvironment {

        static void use(Configuration cluster) {
            initializeContextEnvironment(
                    own -> {
                        Configuration merged = new Configuration(cluster);
                        merged.addAll(own);
                        return new StreamExecutionEnvironment(merged);
                    });
        }

        static void leave() {
            resetContextEnvironment();
        }
    }
}
