"""nomenklatura's logic-v2 over the same names, run by its own interpreter: never imported by Portico.

Reads one JSON object on standard input (`entities`: [id, schema, names], `queries`: [schema, name, id or
null]) and writes one on standard output: for each query the score asked for, the best score and seconds.
Candidates are picked in process as yente's index would: by name parts, their metaphones and trigrams, the
fifty best by rarity.
"""

import json
import sys
from collections import Counter, defaultdict
from math import log
from time import process_time

from followthemoney.proxy import EntityProxy  # type: ignore[import-not-found]
from nomenklatura.matching import get_algorithm  # type: ignore[import-not-found]
from rigour.names import tokenize_name  # type: ignore[import-not-found]
from rigour.text import ascii_text, metaphone  # type: ignore[import-not-found]

CANDIDATES = 50


def main() -> None:
    given = json.load(sys.stdin)
    algorithm = get_algorithm("logic-v2")
    config = algorithm.default_config()
    began = process_time()
    entities = [proxy(*entity) for entity in given["entities"]]
    postings: dict[str, list[int]] = defaultdict(list)
    for number, (_, _, names) in enumerate(given["entities"]):
        for key in {key for name in names for key in keys(name)}:
            postings[key].append(number)
    rarity = {key: log(1 + len(entities) / len(found)) for key, found in postings.items()}
    algorithm.compare(entities[0], entities[1], config)
    built = process_time() - began
    answers = []
    for at, (schema, name, wanted) in enumerate(given["queries"]):
        started = process_time()
        weights: Counter[int] = Counter()
        for key in set(keys(name)):
            for number in postings.get(key, ()):
                weights[number] += rarity[key] * (0.3 if key[0] == "3" else 1.0)
        query = proxy(f"query-{at}", schema, [name])  # it remembers names by the entity's id
        scores = {}
        for number, _ in weights.most_common(CANDIDATES):
            scores[entities[number].id] = algorithm.compare(query, entities[number], config).score
        taken = process_time() - started
        best = max(scores.values(), default=0.0)
        answers.append((scores.get(wanted, 0.0) if wanted else best, best, taken))
    json.dump({"built": built, "answers": answers}, sys.stdout)


def proxy(identity: str, schema: str, names: list[str]) -> EntityProxy:
    return EntityProxy.from_dict({"id": identity, "schema": schema, "properties": {"name": names}})


def keys(name: str) -> list[str]:
    """Parts, metaphones and trigrams, told apart by their first character."""
    parts = [part for part in tokenize_name((ascii_text(name) or name).lower()) if part]
    found = [f"1{part}" for part in parts]
    found += [f"2{sound}" for part in parts if len(part) > 2 and (sound := metaphone(part))]
    return found + [f"3{part[at : at + 3]}" for part in parts for at in range(max(1, len(part) - 2))]


if __name__ == "__main__":
    main()
