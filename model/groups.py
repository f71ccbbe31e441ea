"""Packed training groups: one system message (its tasks) with many messages behind it.

Every message carries the question and answer of one or more of the tasks. `Group` holds it flat, as model.py
computes it; `Builder` draws groups with varied labels, fields, names and instructions.
"""
import collections
import math
import random
import re

from datasets import SLOTS, load
from generator import Generator, running_summary, summary
from phrases import INTENTS
from prompts import (CLASSIFY, CONTINUED, EXTRACT, FORCED, PREFACE, SUMMARIZE, classify_task, extract_task, humanized, json_answer,
                     nested, prefix, question, summarize_task)

SLOT_NAMES = {"people": ["people", "party_size", "guests", "number_of_people", "persons"],
              "date": ["date", "day", "booking_date", "when"], "time": ["time", "hour", "arrival_time", "start"],
              "first_name": ["first_name", "given_name", "firstName", "name.first"],
              "last_name": ["last_name", "family_name", "lastName", "surname", "name.last"]}
SLOT_DOCS = {"people": ["how many people", "the number of guests", "size of the party"],
             "date": ["the day of the booking", "the date as written", "for which day"],
             "time": ["the time of the booking", "the time as written", "at what hour"],
             "first_name": ["first name of the guest", "given name"], "last_name": ["last name of the guest", "family name"]}

FIELDS = {  # gold field: (type, the names, the docs); the first of each is the demo's
    "product": ("string", ["product", "item", "article", "product_name", "productName"],
                ["the product the message is about", "what was bought", "the item as written"]),
    "order_number": ("string", ["order_number", "order_id", "orderNumber", "reference", "order.number"],
                     ["the order number as written", "number of the order", "the reference of the order"]),
    "amount": ("number", ["amount", "price", "total", "sum", "payment.amount"],
               ["the amount of money", "how much money", "the sum without the currency"]),
    "currency": ("one of EUR, USD, GBP, CHF", ["currency", "currency_code", "payment.currency"],
                 ["the currency of the amount", "which currency", "code of the currency"]),
    "date": ("date", ["date", "order_date", "event_date", "order.date", "day"],
             ["the date in the message", "when it happened", "the day that is named"]),
    "customer_name": ("string", ["customer_name", "name", "customer", "sender", "customer.name"],
                      ["the name of the customer", "who writes", "full name of the writer"]),
}
INSTRUCTIONS = {
    "classify": [CLASSIFY] * 6 + ["Pick the best label.", "Which label describes the message?", "Choose one label.",
                                  "What does the customer want?", "Classify the message.", "Select the intent of the message."],
    "extract": [EXTRACT] * 6 + ["Fill these fields from the message.", "Extract the fields as JSON.",
                                "Find these values in the message; null if missing.", "Return JSON with these fields."],
    "summarize": [SUMMARIZE] * 6 + ["Sum up the message in at most {} words.", "Write a summary of at most {} words.",
                                    "What is this about? Use at most {} words."],
}
NAMES = {"classify": ["intent", "intent", "label", "category", "topic", "class", "route", "kind", "intent_label"],
         "extract": ["fields", "fields", "details", "extract", "data", "entities", "booking", "order_details", "slots"],
         "summarize": ["summary", "summary", "gist", "summarize", "abstract", "short", "digest"]}
ALIASES = {"order status": ["where is my order", "delivery status", "tracking"], "damaged item": ["broken product", "defect"],
           "wrong item": ["wrong product delivered", "mix up"], "return request": ["return", "send back"],
           "refund missing": ["refund not received", "waiting for refund"], "cancel order": ["cancellation", "cancel"],
           "double charge": ["charged twice", "billing error"], "invoice request": ["invoice", "receipt needed"],
           "address change": ["new address", "change delivery address"], "login problem": ["cannot log in", "account access"],
           "lost card": ["card lost or stolen", "stolen card"], "product question": ["question before buying", "presales"],
           "praise": ["thank you", "compliment", "positive feedback"]}


class Group:
    """One prefix with its turns, flat; `targets` and `weights` say what to predict where."""

    def __init__(self, prefix):
        self.prefix, self.tokens, self.positions = len(prefix), list(prefix), list(range(len(prefix)))
        self.lengths, self.branches, self.wanted, self.targets, self.weights = [], [], [], [], []

    def turn(self, message, tails, message_weight):
        """`tails`: (question tokens, answer tokens, answer weights) per task."""
        base, start = len(self.tokens), self.prefix
        self.tokens += message
        self.positions += range(start, start + len(message))
        self.branches += [0] * len(message)
        if message_weight:
            for i in range(len(message) - 1):
                self.want(base + i, message[i + 1], message_weight)
        for branch, (ask, answer, weights) in enumerate(tails, 1):
            at = len(self.tokens)
            tail = ask + answer[:-1]
            self.tokens += tail
            self.positions += range(start + len(message), start + len(message) + len(tail))
            self.branches += [branch] * len(tail)
            for i, (token, weight) in enumerate(zip(answer, weights)):
                self.want(at + len(ask) - 1 + i, token, weight)
        self.lengths.append(len(self.tokens) - base)

    def want(self, index, target, weight):
        self.wanted.append(index)
        self.targets.append(target)
        self.weights.append(weight)

    def __len__(self):
        return len(self.tokens)


class Builder:
    """Draws training groups; the same seed draws the same ones."""

    def __init__(self, tokenizer, sets, seed, split="train", limit=1500):
        self.tokenizer, self.rng, self.limit = tokenizer, random.Random(seed), limit
        self.generator = Generator(split, seed)
        self.sources = []
        for rows in (sets.banking, sets.clinc):
            by_label = collections.defaultdict(list)
            for text, label in rows:
                by_label[label].append(text)
            self.sources.append(dict(by_label))
        self.keywords = {k: v for s in self.sources for k, v in keywords(s).items()}
        self.restaurants = sets.restaurants
        counts = collections.Counter(w for rows in (sets.banking, sets.clinc, sets.restaurants) for t, _ in rows
                                     for w in re.findall(r"[a-zA-Z]{2,}", t))
        self.words = [w for w, n in counts.most_common(3000)]

    def seed(self, key):
        """What follows depends on the key alone."""
        self.rng, self.generator.rng = random.Random(key), random.Random(f"{self.generator.split}/{key}")

    def group(self, kind, stage):
        """`stage` runs from 0 to 1 over the training: label sets grow."""
        return {"banking": self.classify, "clinc": self.classify, "mixed": self.mixed, "restaurants": self.booking,
                "generated": self.generated, "drill": self.drill}[kind](kind, stage)

    def task_name(self, kind):
        """Often any word, so that the question is understood by what the task of its name says."""
        rng = self.rng
        if rng.random() < 0.5:
            return rng.choice(NAMES[kind])
        return rng.choice(["_", "-", ""]).join(rng.sample(self.words, rng.choice([1, 1, 2])))

    def text(self, text, rng):
        """Augments a public message a little: case, end mark, a lost word, a typing error."""
        if rng.random() < 0.2:
            text = text.lower() if rng.random() < 0.6 else text[:1].upper() + text[1:]
        if rng.random() < 0.1:
            text = text[:-1] if text[-1:] in "?.!" else text + rng.choice("?.!")
        words = text.split(" ")
        if len(words) > 5 and rng.random() < 0.25:
            del words[rng.randrange(len(words))]
        if rng.random() < 0.1:
            i = rng.randrange(len(words))
            if len(words[i]) > 4:
                j = rng.randrange(1, len(words[i]) - 1)
                words[i] = words[i][:j] + rng.choice(["", words[i][j] * 2, words[i][j + 1]]) + words[i][j + 1:]
        return " ".join(words)

    # -- classification ----------------------------------------------------------------------------------

    def classify(self, kind, stage):
        source, rng = self.sources[kind == "clinc"], self.rng
        labels = list(source)
        full = rng.random() < 0.1 + 0.65 * stage
        count = len(labels) if full else min(len(labels), int(math.exp(rng.uniform(math.log(3), math.log(len(labels))))))
        return self.labelled(source, rng.sample(labels, count), full)

    def mixed(self, kind, stage):
        source = {**self.sources[1], **self.sources[0]}
        count = self.rng.randint(2, 40)
        return self.labelled(source, self.rng.sample(list(source), count), False)

    def labelled(self, source, labels, full):
        rng, encode = self.rng, self.tokenizer.encode
        labels = labels if full else labels[:90]
        shown = {l: l for l in labels}
        descriptions = None
        style = 1 if full else rng.random()
        if style < 0.2:
            labels = labels[:40]  # descriptions are long
        if style < 0.08:  # the names say nothing, the descriptions all
            codes = rng.sample(range(1, 3 * len(labels) + 5), len(labels))
            form = rng.choice(["class {}", "L{}", "type {}", "queue {}", "{}"])
            shown = {l: form.format(c) for l, c in zip(labels, codes)}
            descriptions = {shown[l]: f"{l}, {', '.join(self.keywords[l][:3])}" for l in labels}
        elif style < 0.2:
            descriptions = {l: ", ".join(rng.sample(self.keywords[l][:6], min(3, len(self.keywords[l])))) for l in labels}
        elif style < 0.26:
            shown = {l: rng.choice([str.upper, str.title])(l) for l in labels}
        name = self.task_name("classify")
        task = classify_task(name, [shown[l] for l in labels], descriptions, rng.choice(INSTRUCTIONS["classify"]))
        listen = 0.15 if rng.random() < 0.3 else 0  # some groups also predict the messages' own tokens
        group = Group(prefix(self.tokenizer, [task]))
        ask = question(self.tokenizer, name)
        answers = {l: encode(shown[l]) + [self.tokenizer.end] for l in labels}
        size = max(self.limit, 2 * group.prefix)
        while len(group) < size:
            label = rng.choice(labels)
            text = rng.choice(source[label])
            answer = answers[label]
            group.turn(encode(self.text(text, rng)), [(ask, answer, [1.0] * len(answer))], listen)
        return group

    # -- drills: reading and copying without meaning ------------------------------------------------------

    def drill(self, kind, stage):
        """Random words to copy: the quickest way to heads that read labels, fields and values in the prompt."""
        return self.rng.choice([self.repeat, self.match, self.look_up, self.rewrite, self.rewrite, self.rewrite])()

    def some(self, low, high):
        """A phrase of random words, now and then a number or a made-up name."""
        rng = self.rng
        word = lambda: rng.choice(self.words) if rng.random() < 0.7 else \
            (str(rng.randint(0, 99999)) if rng.random() < 0.5 else self.generator.name().split()[1])
        return " ".join(word() for _ in range(rng.randint(low, high)))

    def repeat(self):
        """Says the message again."""
        group = Group(prefix(self.tokenizer, ["Task repeat: Repeat the message."]))
        ask = question(self.tokenizer, "repeat")
        while len(group) < max(self.limit, 2 * group.prefix):
            text = self.some(3, 20)
            ids = self.tokenizer.encode(text)
            answer = ids + [self.tokenizer.end]
            group.turn(ids, [(ask, answer, [1.0] * len(answer))], 0)
        return group

    def match(self):
        """The label whose words the message holds."""
        rng, encode = self.rng, self.tokenizer.encode
        labels = list(dict.fromkeys(self.some(1, 4) for _ in range(rng.choice([2, 4, 8, 16, 32, 64]))))
        name = self.task_name("classify")
        group = Group(prefix(self.tokenizer, [classify_task(name, labels, None, rng.choice(INSTRUCTIONS["classify"]))]))
        ask = question(self.tokenizer, name)
        while len(group) < max(self.limit, 2 * group.prefix):
            label = rng.choice(labels)
            words = label.split() + self.some(1, 8).split()
            rng.shuffle(words)
            answer = encode(label) + [self.tokenizer.end]
            group.turn(encode(" ".join(words)), [(ask, answer, [1.0] * len(answer))], 0)
        return group

    def look_up(self):
        """Fields by their names, which stand in the message."""
        rng, encode = self.rng, self.tokenizer.encode
        names = list(dict.fromkeys(self.some(1, 2).lower().replace(" ", "_") for _ in range(rng.randint(2, 6))))
        task = self.task_name("extract")
        group = Group(prefix(self.tokenizer, [extract_task(task, [(n, "string", None) for n in names],
                                                           rng.choice(INSTRUCTIONS["extract"]))]))
        ask = question(self.tokenizer, task)
        while len(group) < max(self.limit, 2 * group.prefix):
            values = {n: self.some(1, 3) if rng.random() < 0.6 else None for n in names}
            said = [rng.choice(["{} is {}", "{}: {}", "the {} {}"]).format(n.replace("_", " "), v) for n, v in values.items() if v]
            rng.shuffle(said)
            answer, weights = json_answer(self.tokenizer, values, rng)
            group.turn(encode(rng.choice([", ", ". ", " and "]).join(said)),
                       [(ask, answer + [self.tokenizer.end], weights + [FORCED])], 0)
        return group

    def rewrite(self):
        """Dates and amounts of money among random words, written anew: ISO dates, plain numbers, codes of currencies."""
        rng, encode, generator = self.rng, self.tokenizer.encode, self.generator
        fields = ["date"] if rng.random() < 0.5 else ["amount", "currency", "date"]
        schema = self.schema(fields, *field_variants())
        task = self.task_name("extract")
        group = Group(prefix(self.tokenizer, [extract_task(task, [s[1:] for s in schema], rng.choice(INSTRUCTIONS["extract"]))]))
        ask = question(self.tokenizer, task)
        while len(group) < max(self.limit, 2 * group.prefix):
            gold, written = dict.fromkeys(fields), {}
            if rng.random() < 0.9:
                gold["date"], written["date"] = generator.date()
            if "amount" in fields and rng.random() < 0.8:
                gold["currency"], gold["amount"], written["amount"] = generator.money()
            said = [f"{self.some(0, 4)} {w} {self.some(0, 4)}".strip() for w in written.values()] or [self.some(1, 4)]
            rng.shuffle(said)
            [(answer, weights)] = self.fields_answer({"fields": gold, "facts": {"slots": written}}, schema)
            group.turn(encode(rng.choice([", ", ". ", " and "]).join(said)), [(ask, answer, weights)], 0)
        return group

    # -- extraction and summaries ------------------------------------------------------------------------

    def schema(self, canonical, names, docs, types):
        """[(gold field, name, type, doc)]: the plain schema, or a varied one."""
        rng = self.rng
        plain = rng.random() < 0.4
        fields = list(canonical)
        if not plain:
            fields = rng.sample(fields, rng.choice([len(fields), rng.randint(1, len(fields))]))
        with_docs = rng.random() < 0.5
        out = []
        for f in fields:
            name = names[f][0] if plain or rng.random() < 0.5 else rng.choice(names[f])
            doc = (docs[f][0] if plain else rng.choice(docs[f])) if with_docs else None
            out.append((f, name, types[f] if plain else rng.choice([types[f]] * 4 + ["string"]), doc))
        heads = [name.split(".")[0] for _, name, _, _ in out]  # a nested record's fields stand together
        out.sort(key=lambda field: heads.index(field[1].split(".")[0]))
        return out

    def booking(self, kind, stage):
        rng, encode = self.rng, self.tokenizer.encode
        schema = self.schema(SLOTS, SLOT_NAMES, SLOT_DOCS, dict.fromkeys(SLOTS, "string"))
        name = self.task_name("extract")
        task = extract_task(name, [s[1:] for s in schema], rng.choice(INSTRUCTIONS["extract"]))
        listen = 0.15 if rng.random() < 0.3 else 0  # some groups also predict the messages' own tokens
        group = Group(prefix(self.tokenizer, [task]))
        ask = question(self.tokenizer, name)
        while len(group) < max(self.limit, 2 * group.prefix):
            text, slots = rng.choice(self.restaurants)
            if rng.random() < 0.1:
                text, slots = text.lower(), {k: v and v.lower() for k, v in slots.items()}
            answer, weights = json_answer(self.tokenizer, nested((s[1], slots[s[0]]) for s in schema), rng)
            group.turn(encode(text), [(ask, answer + [self.tokenizer.end], weights + [FORCED])], listen)
        return group

    def generated(self, kind, stage):
        rng, encode = self.rng, self.tokenizer.encode
        tasks, asks, running = [], [], None
        for task in rng.sample(["classify", "extract", "summarize"], rng.choice([1, 2, 3, 3, 3])):
            name, instruction = self.task_name(task), rng.choice(INSTRUCTIONS[task])
            if task == "classify":
                block, answer = self.intent_task(name, instruction)
            elif task == "extract":
                schema = self.schema(FIELDS, *field_variants())
                block = extract_task(name, [s[1:] for s in schema], instruction)
                answer = lambda row, schema=schema: self.fields_answer(row, schema)
            else:
                words = 30 if rng.random() < 0.6 else rng.randint(10, 40)
                if rng.random() < 0.25:
                    running = (question(self.tokenizer, name), words)
                block = summarize_task(name, words, instruction, running is not None)
                answer = lambda row, words=words: [(encode(summary(row["facts"], words)) + [self.tokenizer.end], 0.6)]
            tasks.append(block)
            asks.append((question(self.tokenizer, name), answer))
        listen = 0.15 if rng.random() < 0.3 else 0  # some groups also predict the messages' own tokens
        group = Group(prefix(self.tokenizer, tasks))
        while len(group) < max(self.limit, 2 * group.prefix):
            row = self.generator.message()
            if running and rng.random() < 0.7:
                self.go_on(group, row, *running)
                continue
            tails = []
            for ask, answer in asks:
                tokens, weights = [], []
                for ids, weight in answer(row):
                    tokens += ids
                    weights += weight if isinstance(weight, list) else [weight] * len(ids)
                tails.append((ask, tokens, weights))
            group.turn(encode(row["text"] if rng.random() < 0.7 else row["body"]), tails, listen / 3)
        return group

    def go_on(self, group, row, ask, words):
        """A message after others of the same customer, with the summary of those before it."""
        history = [self.generator.facts() for _ in range(self.rng.randint(1, 3))] + [row["facts"]]
        before, after = running_summary(history, words)
        text = CONTINUED.format(before, row["text"] if self.rng.random() < 0.5 else row["body"])
        answer = self.tokenizer.encode(after) + [self.tokenizer.end]
        group.turn(self.tokenizer.encode(text), [(ask, answer, [0.6] * len(answer))], 0)

    def intent_task(self, name, instruction):
        rng = self.rng
        if rng.random() < 0.12:
            key, labels = rng.choice([("tone", ["neutral", "friendly", "angry"]), ("urgent", ["urgent", "not urgent"])])
            gold = (lambda row: row["facts"]["tone"]) if key == "tone" else \
                (lambda row: "urgent" if row["facts"]["urgent"] else "not urgent")
            descriptions, shown = None, {l: l for l in labels}
        else:
            labels = [humanized(l) for l in INTENTS]
            labels = rng.sample(labels, len(labels)) if rng.random() < 0.7 else labels
            shown = {l: rng.choice(ALIASES[l]) if rng.random() < 0.5 else l for l in labels} if rng.random() < 0.3 else \
                {l: l for l in labels}
            descriptions = {shown[humanized(l)]: s["description"] for l, s in INTENTS.items()} if rng.random() < 0.5 else None
            gold = lambda row: humanized(row["intent"])
        block = classify_task(name, [shown[l] for l in labels], descriptions, instruction)
        return block, lambda row: [(self.tokenizer.encode(shown[gold(row)]) + [self.tokenizer.end], 4.0)]

    def fields_answer(self, row, schema):
        written = {"amount": row["facts"]["slots"].get("amount"), "date": row["facts"]["slots"].get("date")}
        values = [(name, written[f] if kind == "string" and f in written else row["fields"][f]) for f, name, kind, _ in schema]
        answer, weights = json_answer(self.tokenizer, nested(values), self.rng)
        return [(answer + [self.tokenizer.end], weights + [FORCED])]


def field_variants():
    """The names, docs and types of the generated messages' fields."""
    return tuple({f: variants[i] for f, variants in FIELDS.items()} for i in (1, 2, 0))


def keywords(source):
    """The most telling words of each label, for descriptions."""
    counts = {l: collections.Counter(w for t in texts for w in sorted(set(re.findall(r"[a-z]{4,}", t.lower()))))
              for l, texts in source.items()}
    total = sum(counts.values(), collections.Counter())
    return {l: [w for w, _ in sorted(c.items(), key=lambda i: -i[1] * math.log(1 + i[1] / total[i[0]]))[:8]]
            for l, c in counts.items()}


def corpus(data):
    """Texts to learn the tokenizer from."""
    sets, rng = load(data, "train"), random.Random(1)
    for rows in (sets.banking, sets.clinc):
        yield from (text for text, _ in rows)
        yield classify_task("intent", sorted({l for _, l in rows}))
        yield from sorted({l for _, l in rows})
    yield from (text for text, _ in sets.restaurants)
    generator = Generator("train", 1)
    for _ in range(8000):
        row = generator.message()
        yield row["text"]
        yield row["summary"]
    for field in FIELDS.values():
        yield from field[2]
    for _ in range(300):
        yield from ['{"a":', '","a":', ',"a":"b","', '"}', '{"a":"b"},"c":{"', '"]', ',"a":["b","']
        for task, instructions in INSTRUCTIONS.items():
            yield PREFACE + f"Task {rng.choice(NAMES[task])}: {rng.choice(instructions)}"
