"""People and companies on no list, from Faker and pytickersymbols; run by the rivals' interpreter."""

import json
import sys
from random import Random

from faker import Faker  # type: ignore[import-not-found]
from pytickersymbols import PyTickerSymbols  # type: ignore[import-not-found]

_LOCALES = """
en_US en_GB ar_SA fa_IR ru_RU uk_UA tr_TR es_CO es_MX es_ES pt_BR fr_FR de_DE it_IT id_ID en_IN en_PK en_NG
hi_IN ja_JP ko_KR zh_CN zh_TW vi_VN th_TH pl_PL ro_RO nl_NL sv_SE he_IL el_GR az_AZ ka_GE bg_BG hr_HR ne_NP
uz_UZ
"""
LOCALES = _LOCALES.split()


def main() -> None:
    given = json.load(sys.stdin)
    Faker.seed(given["seed"])
    american = Faker("en_US")
    people = {f"{american.first_name()} {american.last_name()}" for _ in range(given["size"] // 2)}
    for locale in LOCALES:
        here = Faker(locale)
        people |= {
            f"{here.first_name()} {here.last_name()}" for _ in range(given["size"] // 2 // len(LOCALES))
        }
    symbols = PyTickerSymbols()
    companies = {
        stock["name"] for index in symbols.get_all_indices() for stock in symbols.get_stocks_by_index(index)
    }
    listed = sorted(filter(None, companies))
    Random(given["seed"]).shuffle(listed)  # noqa: S311  a sample, not a secret
    json.dump({"people": sorted(people), "companies": listed[: given["size"]]}, sys.stdout)


if __name__ == "__main__":
    main()
