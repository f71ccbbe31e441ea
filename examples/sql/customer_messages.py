"""Classifies messages with Headrace from PyFlink. Put headrace-flink-sql.jar into Flink's lib/ (or name it in
pipeline.jars below), and run:  python examples/sql/customer_messages.py /path/to/headrace-flink-sql.jar"""
import sys
from pathlib import Path

from pyflink.table import EnvironmentSettings, TableEnvironment

MODEL = Path(__file__).resolve().parents[2] / "model" / "headrace-small.gguf"


def main():
    session = TableEnvironment.create(EnvironmentSettings.in_batch_mode())
    if len(sys.argv) > 1:
        session.get_config().set("pipeline.jars", Path(sys.argv[1]).resolve().as_uri())
    session.execute_sql(f"""
        CREATE MODEL intent
        INPUT (body STRING)
        OUTPUT (label STRING, probability DOUBLE, error STRING)
        WITH ('provider' = 'headrace', 'path' = '{MODEL}',
              'task' = 'classify', 'labels' = 'lost_card; praise; invoice_request')""")
    messages = session.from_elements(
        [("I lost my credit card yesterday, please block it.",), ("Thank you, great service!",)], ["body"])
    session.create_temporary_view("messages", messages)
    session.execute_sql(
        "SELECT label, probability, error FROM ML_PREDICT(TABLE messages, MODEL intent, DESCRIPTOR(body))").print()


if __name__ == "__main__":
    main()
