"""Words of a company's name that say what it is and not which: no evidence for a match.

Each line gives the writings of one family of forms, in lower-case ASCII words as `commerce.romanisation`
leaves them. Forms go wherever they stand, but those of single letters only at either end.
"""

import re

_FORMS = """
llc|l l c|limited liability company|limited liability co|ltd liability co|limited liability partnership
ooo|o o o|obshchestvo s ogranichennoy otvetstvennostyu|obshchestvo s ogranichennoi otvetstvennostyu
tov|tovarystvo z obmezhenoyu vidpovidalnistyu|too|tovarishchestvo s ogranichennoy otvetstvennostyu
gmbh|g m b h|gesellschaft mit beschrankter haftung|gesellschaft mit beschraenkter haftung|gmbh und co kg
gmbh co kg
sarl|s a r l|societe a responsabilite limitee|srl|s r l|societa a responsabilita limitata|eurl
sociedad de responsabilidad limitada|s de r l de c v|s de rl de cv|s de r l|s de rl|de c v|de cv|s de r
srl de cv
bv|b v|besloten vennootschap|bvba|sprl|nv|n v|naamloze vennootschap
ltda|limitada|eirl|e i r l|lda|sociedade limitada|cia ltda|y cia|y compania|e hijos
ltd|limited|pvt ltd|private limited|pte ltd|pty ltd|proprietary limited|co ltd|co limited|company limited
pvt|pte|pty
plc|p l c|public limited company|public company limited|pcl|sdn bhd|sendirian berhad|bhd|berhad
inc|incorporated|corp|corporation|co|company|companies|cie|compagnie|compania|companhia|cia
llp|l l p|lp|l p|limited partnership|kg|k g|ohg|kgaa|snc|s n c|scs|societe en nom collectif
sa|s a|sociedad anonima|societe anonyme|sociedade anonima|s a de c v|sa de cv|s a s|sas|s a c|sac|s a b|ca
c a
compania anonima|sociedad por acciones simplificada|societa per azioni|spa|s p a
ag|a g|aktiengesellschaft|se|ab|a b|aktiebolag|as|a s|asa|aksjeselskap|aps|oy|oyj|osakeyhtio|hf|ehf
anonim sirketi|anonim sirket|limited sirketi|ltd sti|a s ti|sirketi|sti
ao|a o|aktsionernoe obshchestvo|aktsionernoye obshchestvo|joint stock company|joint stock co|jsc|j s c
oao|ojsc|open joint stock company|otkrytoe aktsionernoe obshchestvo|otkrytoye aktsionernoye obshchestvo
zao|cjsc|closed joint stock company|zakrytoe aktsionernoe obshchestvo|zakrytoye aktsionernoye obshchestvo
pao|pjsc|public joint stock company|publichnoe aktsionernoe obshchestvo
publichnoye aktsionernoye obshchestvo
fgup|fsue|federal state unitary enterprise|federalnoe gosudarstvennoe unitarnoe predpriyatie
unitary enterprise
pat|prat|private joint stock company|private jsc|psc|private stock company|public jsc
kk|k k|kabushiki kaisha|yugen kaisha|gk|godo kaisha|pt|p t|tbk|perseroan terbatas|cv|persero
doo|d o o|dooel|ad|a d|ead|eood|ood|e o o d|o o d|kft|zrt|nyrt|sro|s r o|spol s r o|sp z o o|sp zoo|spzoo
z o o
sal|s a l|saog|saoc|kscc|ksc|kscp|qsc|q s c|qpsc|bsc|b s c|wll|w l l|spc|fze|f z e|fzc|fzco|fz llc|fzllc
dmcc|jlt
private joint stock|sherkat|sherkate|sherkat sahami khass|sherkat sahami|sherkat e|shirkat|sharikat|sharika
hong kong limited|youxian gongsi|gufen youxian gongsi|zeren youxian gongsi|gongsi|jituan
"""
_PHRASES = [phrase for line in _FORMS.strip().splitlines() for phrase in line.split("|")]
_SHORT = 2

_ANYWHERE = sorted((p for p in _PHRASES if len(p.replace(" ", "")) > _SHORT), key=len, reverse=True)
_AT_ENDS = sorted((p for p in _PHRASES if len(p.replace(" ", "")) <= _SHORT), key=len, reverse=True)
_FORM_ANYWHERE = re.compile(rf"\b(?:{'|'.join(_ANYWHERE)})\b")
_FORM_AT_END = re.compile(rf"^(?:{'|'.join(_AT_ENDS)})\b|\b(?:{'|'.join(_AT_ENDS)})$")

_SHORT_FORMS = frozenset(phrase for phrase in _PHRASES if len(phrase) == _SHORT)

FORM_WORDS = frozenset(
    {word for phrase in _PHRASES for word in phrase.split() if len(word) > _SHORT} | {"sa", "cv"}
)
"""Single words of the forms, which tell nothing even where the form is not written as it should be."""


def without_forms(words: str) -> str:
    """The name without its legal forms; `words` are lower-case ASCII parted by one space."""
    rest = _FORM_ANYWHERE.sub(" ", words)
    left = _FORM_AT_END.sub(" ", " ".join(rest.split())).split()
    return " ".join([word for word in left if word not in _SHORT_FORMS] or left)


def looks_like_a_company(words: list[str]) -> bool:
    """Whether a name carries an unmistakable legal form."""
    return any(word in FORM_WORDS for word in words[1:])
