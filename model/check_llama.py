"""Compares a GGUF in the real llama.cpp with this folder's tokenizer and model.

    python check_llama.py --work DIR --gguf headrace-small.gguf --headers LLAMA_CPP_SOURCE --libraries FOLDER
"""
import argparse
import pathlib
import random
import subprocess
import sys
import tempfile

import torch

import prompts
from evaluate import Reader
from export import as_shipped, load_weights
from generator import Generator
from model import Config, Llama
from tokenizer import Tokenizer

TEXTS = ["", " ", "  two  spaces ", "Line\n\n\nbreaks\r\nand\ttabs \n x", "naïve café — 日本語 😀👍🏽 Öztürk ½ ² ٣", "12345.67€ $1,249.00 (3x)",
         "I'm you're WE'LL don'T", '{"product":null,"amount":12.5}', '","order_number":"', "<message>\nhi\n</message>\n\nTask: intent",
         "<|end|> is plain here <|user|>", "a_b-c/d\\e 'quoted' \"double\" #10482731 ...!?", "\u00a0nbsp\u2009thin\u200bzero", "ﬁ é \x07"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", required=True)
    parser.add_argument("--gguf", default="headrace-small.gguf")
    parser.add_argument("--headers", required=True, help="llama.cpp's source tree")
    parser.add_argument("--libraries", required=True, help="folder of libllama.so")
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--weights", choices=["model", "average"], default="model")
    args = parser.parse_args()
    here = pathlib.Path(__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        probe = f"{folder}/probe"
        subprocess.run(["gcc", "-O1", "-o", probe, here / "llama_probe.c", f"-I{args.headers}/include", f"-I{args.headers}/ggml/include",
                        *(p for n in ("llama.", "ggml.", "ggml-base.") for p in pathlib.Path(args.libraries).glob(f"lib{n}*so")),
                        f"-Wl,-rpath,{args.libraries}",
                        "-Wl,--allow-shlib-undefined"], check=True)
        process = subprocess.Popen([probe, args.gguf, args.libraries], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

        def ask(line):
            process.stdin.write(line + "\n")
            process.stdin.flush()
            return process.stdout.readline().split()

        print(process.stdout.readline().strip())
        tokenizer = Tokenizer.load(pathlib.Path(args.work) / "tokenizer.json")
        generator, rng = Generator("heldout", 3), random.Random(3)
        rows = [generator.message() for _ in range(300)]
        noise = ["".join(chr(rng.choice([rng.randint(1, 127), rng.randint(128, 0x2fff), 0x1f600 + rng.randint(0, 60)]))
                         for _ in range(30)) for _ in range(200)]
        texts = TEXTS + [r["text"] for r in rows] + noise
        unequal = [t for t in texts if list(map(int, ask("T " + t.encode().hex()))) != tokenizer.encode(t)]
        print(f"tokenization: {len(texts) - len(unequal)} of {len(texts)} texts equal", unequal[:5])
        config, weights = load_weights(args.work, args.temperature, args.weights)
        model = Llama(Config(**config)).eval()
        model.load_state_dict(as_shipped(weights))
        reader, worst, same = Reader(model, tokenizer), 0.0, 0
        with torch.no_grad():
            for row in rows[:20]:
                ids = prompts.prefix(tokenizer, [prompts.summarize_task("summary", 30)]) + tokenizer.encode(row["text"]) \
                    + prompts.question(tokenizer, "summary")
                theirs = torch.tensor(list(map(float, ask("L " + " ".join(map(str, ids))))))
                ours, _ = reader.read(ids)
                worst = max(worst, float((ours - theirs).abs().max()))
                same += int(ours.argmax() == theirs.argmax())
        print(f"logits: largest difference {worst:.3f} (spread {ours.std():.2f}), same best token in {same} of 20")
        process.stdin.close()
    sys.exit(bool(unequal) or same < 19)


if __name__ == "__main__":
    main()
