"""Spellings of one word that neither letters nor consonants bring together: words for `commerce.neighbours`.

Two sources: given names and patronymics that Russian, Ukrainian and Belarusian papers write each in its own
way, and the two official romanisations of Korean, which write one sound with two letters.
"""

from collections.abc import Iterator, Mapping

_SPELLINGS = """
vladimir volodymyr uladzimir wladimir
vladimirovich volodymyrovych uladzimiravich
vladimirovna volodymyrivna uladzimirauna
sergey sergei serhiy serhii siarhei siarhej sergej
sergeevich sergeyevich serhiyovych serhiiovych siarheevich
sergeevna sergeyevna serhiivna siarheeuna
nikolay nikolai mykola mikalai mikalay
nikolaevich nikolayevich mykolayovych mykolaiovych mikalaevich
nikolaevna nikolayevna mykolaivna mikalaeuna
alexander aleksandr alexandr oleksandr aliaksandr
alexandrovich aleksandrovich oleksandrovych aliaksandravich
alexandrovna aleksandrovna oleksandrivna aliaksandrauna
alexey alexei aleksey aleksei oleksiy oleksii aliaksei
alekseevich alekseyevich alexeyevich oleksiyovych oleksiiovych aliakseevich
andrey andrei andriy andrii andrej
andreevich andreyevich andriyovych andriiovych andreevich
dmitry dmitriy dmitri dmitrii dmytro dzmitry
dmitrievich dmitriyevich dmytrovych dzmitryevich
mikhail mikhailo mykhailo mykhaylo
mikhailovich mykhailovych mykhaylovych mikhailavich
igor ihor ihar
igorevich ihorovych iharavich
oleg oleh aleh
olegovich olehovych alehavich
yevgeny evgeny evgeni yevgeni yevgeniy evgeniy yevhen yevhenii yauhen yauheni eugene
evgenievich yevgenyevich yevgenievich yevheniyovych yevhenovych yauhenavich
elena yelena olena alena helen helena
anna hanna ganna
vasily vasiliy vasili vasyl vasil
vasilievich vasilyevich vasylovych vasilevich
pavel pavlo paval paul
pavlovich pavlovych paulavich
grigory grigoriy hryhoriy hryhorii ryhor gregory
grigorievich grigoryevich hryhorovych ryhoravich
viktor victor viktar
viktorovich viktorovych viktaravich
anatoly anatoliy anatolii anatol
vyacheslav viacheslav viachaslau vaclav
konstantin kostiantyn kanstantsin constantine
yuri yury yuriy yurii iurii juri
natalia nataliya natalya nataliia natallia
tatiana tatyana tetiana tatsiana
yekaterina ekaterina kateryna katsiaryna catherine katherine
"""
_SWAPPED = (("ch", "j"), ("k", "g"), ("p", "b"), ("t", "d"))
LONGEST_SYLLABLE = 6

_OTHERS: Mapping[str, frozenset[str]] = {
    word: frozenset(line.split()) - {word}
    for line in _SPELLINGS.strip().splitlines()
    for word in line.split()
}


def other_spellings(word: str) -> Iterator[str]:
    """Words that stand for the same name; it holds in both directions."""
    yield from _OTHERS.get(word, ())
    if 1 < len(word) <= LONGEST_SYLLABLE:
        for one, other in _SWAPPED:
            if word.startswith(one):
                yield other + word[len(one) :]
            elif word.startswith(other):
                yield one + word[len(other) :]
