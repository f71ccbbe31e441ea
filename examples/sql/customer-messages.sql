-- Classifies customers' messages over Kafka, and puts what could not be answered into a topic of its own.
-- Needs a broker on localhost:9092 and a schema registry on localhost:8085 (docker compose up kafka registry).
-- Run it from the project's folder:  ./headrace sql examples/sql/customer-messages.sql
SET 'table.dml-sync' = 'true';
SET 'sql-client.execution.result-mode' = 'tableau';

CREATE TABLE messages (
  customer_id STRING,
  subject STRING,
  body STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'sql-messages',
  'properties.bootstrap.servers' = 'localhost:9092',
  'scan.startup.mode' = 'earliest-offset',
  'scan.bounded.mode' = 'latest-offset',
  'value.format' = 'avro-confluent',
  'value.avro-confluent.url' = 'http://localhost:8085/apis/ccompat/v7'
);

CREATE TABLE enriched (
  customer_id STRING,
  subject STRING,
  intent STRING,
  probability DOUBLE
) WITH (
  'connector' = 'kafka',
  'topic' = 'sql-messages-enriched',
  'properties.bootstrap.servers' = 'localhost:9092',
  'scan.startup.mode' = 'earliest-offset',
  'scan.bounded.mode' = 'latest-offset',
  'value.format' = 'avro-confluent',
  'value.avro-confluent.url' = 'http://localhost:8085/apis/ccompat/v7'
);

CREATE TABLE dead_letters (
  customer_id STRING,
  subject STRING,
  body STRING,
  error_class STRING,
  error STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'sql-messages-dead-letters',
  'properties.bootstrap.servers' = 'localhost:9092',
  'scan.startup.mode' = 'earliest-offset',
  'scan.bounded.mode' = 'latest-offset',
  'value.format' = 'avro-confluent',
  'value.avro-confluent.url' = 'http://localhost:8085/apis/ccompat/v7'
);

INSERT INTO messages VALUES
  ('C-1', 'Card', 'I lost my credit card yesterday, please block it at once.'),
  ('C-2', 'Great', 'Thank you so much, great service, I am delighted with the lamp.'),
  ('C-3', 'Invoice', 'I did not get a receipt, please send me the invoice for my order.'),
  ('C-4', 'Endless', REPEAT('And another thing. ', 2000)),
  ('C-5', 'Login', 'I cannot log in to my account, the password is always wrong.'),
  ('C-6', CAST(NULL AS STRING), CAST(NULL AS STRING));

-- The columns error and error_class make failed rows go on with their reason instead of failing the job.
CREATE MODEL intent
  INPUT (subject STRING, body STRING)
  OUTPUT (label STRING, probability DOUBLE, error STRING, error_class STRING)
  WITH (
    'provider' = 'headrace',
    'path' = 'model/headrace-small.gguf',
    'task' = 'classify',
    'labels' = 'lost_card; praise; invoice_request; login_problem',
    'label.lost_card' = 'a payment card is lost or stolen',
    'label.praise' = 'thanks or compliments',
    'label.invoice_request' = 'needs an invoice or a receipt',
    'label.login_problem' = 'cannot log in to the account'
  );

CREATE TEMPORARY VIEW answered AS
SELECT * FROM ML_PREDICT(TABLE messages, MODEL intent, DESCRIPTOR(subject, body));

-- Both sinks read the same answers: the model is asked once for each row.
EXECUTE STATEMENT SET BEGIN
INSERT INTO enriched
  SELECT customer_id, subject, label, probability FROM answered WHERE error IS NULL;
INSERT INTO dead_letters
  SELECT customer_id, subject, body, error_class, error FROM answered WHERE error IS NOT NULL;
END;

SET 'execution.runtime-mode' = 'batch';

SELECT customer_id, intent, probability > 0.5 AS sure FROM enriched ORDER BY customer_id;

SELECT customer_id, error_class FROM dead_letters ORDER BY customer_id;
