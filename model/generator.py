"""Deterministic customer messages with gold intent, fields and summary.

Every message is built from facts (intent, product, order number, date, amount, name, request) that are
put into words by templates; the summary is written from the same facts. Templates and values are split in
two disjoint parts, `train` and `heldout`: a held-out message shares neither wording nor values with training.
training_phrases.py adds more of both to the training alone, nouns.py more products.

    python generator.py --out rows.jsonl --count 1000 --seed 7 --split heldout
"""
import argparse
import datetime
import json
import random
import re
import zlib

import nouns
import training_phrases as more
from phrases import (ANGRY, ASKS, BRAND_SYLLABLES, CARDS, CLOSINGS, DETAILS, FILLERS, FIRST_NAMES, FRIENDLY,
                     GREETINGS, INTENTS, LAST_NAMES, LAST_SYLLABLES, MODIFIERS, NEUTRAL_SUBJECTS, NOUNS, URGENT)

CURRENCIES = {
    "EUR": ["€{}", "{} €", "{} EUR", "EUR {}", "{} euros"],
    "USD": ["${}", "{} USD", "USD {}", "{} dollars"],
    "GBP": ["£{}", "{} GBP", "GBP {}", "{} pounds"],
    "CHF": ["CHF {}", "{} CHF", "{} Swiss francs"],
}
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December"]


def split_of(value):
    """Values are held out by their hash, so that the two parts never share one."""
    return "heldout" if zlib.crc32(value.encode()) % 6 == 0 else "train"


def templates_of(templates, split, added=()):
    """Every fourth template is held out; what is added belongs to the training alone."""
    chosen = [t for i, t in enumerate(templates) if (i % 4 == 3) == (split == "heldout")]
    return chosen if split == "heldout" else chosen + list(added)


ALTERNATIVES = re.compile(r"\(([^()]*)\)")


def expand(template, rng):
    """Replaces each `(a|b|)` by one of its alternatives, innermost first."""
    while (match := ALTERNATIVES.search(template)) is not None:
        template = template[:match.start()] + rng.choice(match.group(1).split("|")) + template[match.end():]
    return re.sub(r" +", " ", template).replace(" ,", ",").replace(" .", ".").replace(" ?", "?").strip()


class Generator:
    """A stream of messages; the same split and seed give the same messages."""

    def __init__(self, split, seed):
        self.split, self.rng = split, random.Random(f"{split}/{seed}")
        pick = lambda words, added: [w for w in words if split_of(w) == split] + \
            [w for w in added if split == "train" and w not in words]
        self.nouns, self.modifiers, self.cards = pick(NOUNS, more.NOUNS), pick(MODIFIERS, more.MODIFIERS), CARDS
        self.things, self.words, self.qualities = [], [], []
        if split == "train":
            held_out = {word for value in NOUNS + MODIFIERS if split_of(value) == "heldout" for word in value.split()}
            self.things = nouns.without(held_out, nouns.artefacts())
            self.words = nouns.without(held_out, nouns.any_nouns())
            self.qualities = nouns.without(held_out, nouns.adjectives())
        self.first_names, self.last_names = pick(FIRST_NAMES, more.FIRST_NAMES), pick(LAST_NAMES, more.LAST_NAMES)

    def value(self, make):
        """Draws until the value belongs to this generator's split."""
        while split_of(drawn := make()) != self.split:
            pass
        return drawn

    # -- facts -------------------------------------------------------------------------------------------

    def noun(self):
        """In training mostly any of WordNet's or a made-up one, so that its place in the sentence tells, not the word."""
        rng = self.rng
        if self.split == "heldout" or (kind := rng.random()) < 0.35:
            return rng.choice(self.nouns)
        if kind < 0.65:
            return rng.choice(self.things)
        if kind < 0.85:
            return rng.choice(self.words)
        made_up = "".join(rng.choice(rng.choice([BRAND_SYLLABLES, LAST_SYLLABLES])[i]) for i in range(3)).lower()
        return made_up if rng.random() < 0.5 else f"{made_up} {rng.choice(self.nouns).split()[-1]}"

    def modifier(self):
        rng = self.rng
        return rng.choice(self.modifiers if self.split == "heldout" or rng.random() < 0.4 else self.qualities)

    def product(self):
        rng, noun = self.rng, self.noun()
        brand = lambda: self.value(lambda: "".join(rng.choice(s) for s in BRAND_SYLLABLES)).capitalize()
        model = lambda: rng.choice("ABCDEGKLMPRSTVXZ") * rng.randint(0, 1) + str(rng.randint(2, 99) * rng.choice([1, 10]))
        kind = rng.random()
        if kind < 0.35:
            return noun
        if kind < 0.6:
            return f"{self.modifier()} {noun}"
        if kind < 0.8:
            return f"{brand()} {noun}"
        if kind < 0.92:
            return f"{brand()} {model()} {noun}"
        return f"{brand()} {self.modifier()} {noun}"

    def order_number(self):
        rng = self.rng
        digits = lambda n: "".join(rng.choice("0123456789") for _ in range(n))
        letters = lambda n: "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(n))
        shapes = [lambda: f"{letters(1)}-{digits(5)}", lambda: digits(8), lambda: f"ORD-{digits(4)}-{letters(2)}",
                  lambda: f"{letters(2)}{digits(6)}", lambda: f"{digits(4)}-{digits(6)}", lambda: digits(6),
                  lambda: f"{letters(3)}-{digits(7)}", lambda: f"{digits(3)}-{digits(7)}"]
        return self.value(lambda: rng.choice(shapes)())

    def money(self):
        """(currency code, the amount as a number, as written); in training more often thousands with a comma."""
        rng, train = self.rng, self.split == "train"
        cents = int(self.value(lambda: str(rng.choice([
            rng.randint(3, 400) * 100, rng.randint(300, 30000), rng.randint(30, 2500) * 10,
            rng.randint(5, 300) * 100 - 1, rng.randint(30000, 250000)] + [rng.randint(100000, 999999) for _ in range(train)]))))
        currency = rng.choice(list(CURRENCIES))
        written = str(cents // 100) if cents % 100 == 0 and rng.random() < 0.7 else f"{cents / 100:.2f}"
        if cents >= 100000 and rng.random() < (0.5 if train else 0.3):
            written = f"{int(written.split('.')[0]):,}" + written[written.find("."):] * ("." in written)
        number = cents // 100 if cents % 100 == 0 else cents / 100
        return currency, number, rng.choice(CURRENCIES[currency]).format(written)

    def date(self):
        """(ISO date, as written)"""
        rng = self.rng
        start = datetime.date(2022, 1, 1)
        day = datetime.date.fromisoformat(
            self.value(lambda: (start + datetime.timedelta(rng.randint(0, 1825))).isoformat()))
        d, m, y = day.day, MONTHS[day.month - 1], day.year
        suffix = "th" if 10 < d < 20 else {1: "st", 2: "nd", 3: "rd"}.get(d % 10, "th")
        return day.isoformat(), rng.choice([
            day.isoformat(), f"{d} {m} {y}", f"{m} {d}, {y}", f"{d:02d}.{day.month:02d}.{y}", f"{m} {d}{suffix}, {y}",
            f"{d} {m[:3]} {y}", f"the {d}{suffix} of {m} {y}", f"{d}. {m} {y}", f"{m[:3]} {d}, {y}"])

    def name(self):
        rng = self.rng
        last = rng.choice(self.last_names) if rng.random() < 0.5 else \
            self.value(lambda: "".join(rng.choice(s) for s in LAST_SYLLABLES)).capitalize()
        return f"{rng.choice(self.first_names)} {last}"

    def facts(self):
        """What a message says: written values by slot, gold fields, and the choices behind the wording."""
        rng = self.rng
        intent = rng.choice(list(INTENTS))
        spec = INTENTS[intent]
        core = expand(rng.choice(templates_of(spec["cores"], self.split, more.INTENTS[intent]["cores"])), rng)
        needed = re.findall(r"\{(\w+)\}", core)
        has = {slot: slot in needed or rng.random() < p for slot, p in spec["odds"].items()}
        slots, fields = {}, dict.fromkeys(["product", "order_number", "amount", "currency", "date", "customer_name"])
        if has.get("product"):
            slots["product"] = fields["product"] = rng.choice(self.cards) if intent == "lost_card" else self.product()
        if has.get("order"):
            slots["order"] = fields["order_number"] = self.order_number()
        if has.get("amount"):
            fields["currency"], fields["amount"], slots["amount"] = self.money()
        if has.get("date"):
            fields["date"], slots["date"] = self.date()
        if has.get("name"):
            slots["name"] = fields["customer_name"] = self.name()
        ask = rng.choice(spec["asks"]) if spec["asks"] and rng.random() < 0.6 else None
        return {"intent": intent, "core": core, "slots": slots, "fields": fields, "ask": ask,
                "tone": rng.choices(["neutral", "friendly", "angry"], [5, 2, 2])[0], "urgent": rng.random() < 0.15}

    # -- wording -----------------------------------------------------------------------------------------

    def phrase(self, templates, added, slots=()):
        """One expanded template of this split that needs no slot but the given ones."""
        fitting = []
        for template in templates_of(templates, self.split, added):
            needed = set(re.findall(r"\{(\w+)\}", template))
            if needed <= set(slots):
                fitting.append((len(needed), template))
        most = max(n for n, _ in fitting)
        fitting = [t for n, t in fitting if n == most or self.rng.random() < 0.3]
        return expand(self.rng.choice(fitting), self.rng)

    def misspell(self, text):
        """Typing errors outside of the slots."""
        def wrong(match):
            word, rng = match.group(), self.rng
            if len(word) < 4 or rng.random() > 0.12:
                return word
            i = rng.randint(1, len(word) - 2)
            return rng.choice([word[:i] + word[i + 1:], word[:i] + word[i] + word[i:],
                               word[:i] + word[i + 1] + word[i] + word[i + 2:],
                               word[:i] + rng.choice("aeiourstnl") + word[i + 1:]])
        return "".join(part if part.startswith("{") else re.sub(r"[A-Za-z]+", wrong, part)
                       for part in re.split(r"(\{\w+\})", text))

    def body(self, facts):
        rng, spec, slots = self.rng, INTENTS[facts["intent"]], dict(facts["slots"])
        length = rng.choices(["tiny", "short", "medium", "long"], [2, 5, 4, 1.5])[0]
        signed = "name" in slots and rng.random() < 0.6
        pool = {k: v for k, v in slots.items() if k != "name"}
        core = facts["core"]
        left = [s for s in pool if "{" + s + "}" not in core]
        details = []
        while left:
            options = [d for d in templates_of(DETAILS[spec["details"]], self.split, more.DETAILS[spec["details"]])
                       if set(needed := re.findall(r"\{(\w+)\}", d)) <= set(left) and needed]
            chosen = expand(rng.choice(options), rng)
            details.append(chosen)
            left = [s for s in left if "{" + s + "}" not in chosen]
        if facts["ask"]:
            details.append(self.phrase(ASKS[facts["ask"]][1], more.ASKS[facts["ask"]]))
        if facts["urgent"]:
            details.append(self.phrase(URGENT, more.URGENT))
        if facts["tone"] != "neutral":
            tones = (FRIENDLY, more.FRIENDLY) if facts["tone"] == "friendly" else (ANGRY, more.ANGRY)
            details.insert(rng.randint(0, len(details)), self.phrase(*tones))
        if length == "tiny":
            details = [d for d in details if "{" in d or rng.random() < 0.5]
        count = {"tiny": 0, "short": rng.randint(0, 1), "medium": rng.randint(2, 5), "long": rng.randint(7, 28)}[length]
        known = templates_of(FILLERS, self.split, more.FILLERS)
        fillers = rng.sample(known * 2, count)
        if self.split == "train":
            fillers = [f if rng.random() < 0.6 else rng.choice(more.BESIDES).format(self.noun()) for f in fillers]
        sentences = [core] + details
        for filler in fillers:
            sentences.insert(rng.randint(0, len(sentences)), expand(filler, rng))
        paragraphs = [""]
        for sentence in sentences:
            if paragraphs[-1] and length in ("medium", "long") and rng.random() < 0.2:
                paragraphs.append("")
            paragraphs[-1] = (paragraphs[-1] + " " + sentence).strip()
        if length != "tiny" and rng.random() < 0.6:
            greeting = self.phrase(GREETINGS, more.GREETINGS)
            paragraphs.insert(0, greeting) if rng.random() < 0.5 else None
            if paragraphs[0] != greeting:
                paragraphs[0] = f"{greeting} {paragraphs[0]}"
        if "name" in slots and not signed:
            introduction = self.phrase(DETAILS["name"], more.DETAILS["name"], ["name"])
            if rng.random() < 0.5:
                paragraphs[0] = f"{introduction} {paragraphs[0]}"
            else:
                paragraphs[-1] += f" {introduction}"
        elif signed:
            paragraphs.append(f"{self.phrase(CLOSINGS, more.CLOSINGS)}\n{{name}}" if rng.random() < 0.8 else "{name}")
        elif length != "tiny" and rng.random() < 0.3:
            paragraphs.append(self.phrase(CLOSINGS, more.CLOSINGS))
        text = "\n\n".join(paragraphs) if rng.random() < 0.8 else " ".join(paragraphs)
        if rng.random() < 0.25:
            text = self.misspell(text)
        if rng.random() < 0.1:
            text = "".join(p if p.startswith("{") else p.lower() for p in re.split(r"(\{\w+\})", text))
        return re.sub(r"\{(\w+)\}", lambda m: slots[m.group(1)], text)

    def message(self):
        facts = self.facts()
        spec, rng = INTENTS[facts["intent"]], self.rng
        body = self.body(facts)
        subjects = (NEUTRAL_SUBJECTS, more.NEUTRAL_SUBJECTS) if rng.random() < 0.35 else \
            (spec["subjects"], more.INTENTS[facts["intent"]]["subjects"])
        subject = self.phrase(*subjects, [s for s in facts["slots"] if s != "name"])
        subject = re.sub(r"\{(\w+)\}", lambda m: facts["slots"][m.group(1)], subject)
        return {"text": f"{subject}\n\n{body}", "subject": subject, "body": body, "intent": facts["intent"],
                "fields": facts["fields"], "summary": summary(facts, 30), "facts": facts}


def events(facts):
    """What happened and what is asked, as one sentence; each is shorter than the one before."""
    spec, slots = INTENTS[facts["intent"]], facts["slots"]
    actor = slots.get("name", "The customer")
    with_product, without = spec["summary"]
    ask = f" and {ASKS[facts['ask']][0]}" if facts["ask"] else ""
    cores = [with_product.format(slots["product"])] if "product" in slots else []
    return [f"{actor} {core}{request}." for core in cores + [without] for request in (ask, "")]


def told(facts, words):
    """(event, order, date and amount) in at most `words` words, if the shortest event has no more."""
    slots = facts["slots"]
    extras = [form.format(slots[s]) for s, form in
              (("order", "order {}"), ("date", "dated {}"), ("amount", "amount {}")) if s in slots]
    for event in events(facts):
        for count in range(len(extras), -1, -1):
            second = ", ".join(extras[:count])
            second = f" {second[0].upper()}{second[1:]}." if second else ""
            if len((event + second).split()) <= words:
                return event, second
    return event, second


def summary(facts, words):
    """The gold summary in at most `words` words: who, what and request; then order, date and amount."""
    return "".join(told(facts, words))


def running_summary(history, words):
    """(the gold summary after all but the last of these facts, the one after the last).

    The first is a plain summary; each later one has the event before and the new one, or if both do not fit the new one.
    """
    last, rest = told(history[0], words)
    text = last + rest
    for facts in history[1:]:
        before, options = text, events(facts)
        fitting = [e for e in options if len(f"{last} {e}".split()) <= words]
        text, last = (f"{last} {fitting[0]}", fitting[0]) if fitting else (summary(facts, words), told(facts, words)[0])
    return before, text

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--split", choices=["train", "heldout"], default="heldout")
    arguments = parser.parse_args()
    generator = Generator(arguments.split, arguments.seed)
    with open(arguments.out, "w", encoding="utf-8") as out:
        for i in range(arguments.count):
            row = generator.message()
            del row["facts"]
            row = {"customer_id": f"C-{1000 + generator.rng.randint(0, 119)}", **row}
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
