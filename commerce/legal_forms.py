"""Words of a company's name that say what it is and not which: no evidence for a match."""

_FORMS: dict[str, str] = {
    "llc": "llc ooo gmbh sarl srl bv ltda eirl sprl tov too mchj kft spzoo doo dooel eood ood ltd limited "
    "lda pvt pte sdn bhd zao wll fze fzc fzco fzllc dmcc",
    "plc": "plc ag sa nv spa pjsc pao oao ojsc jsc ao oy oyj ab asa as aps asi kk pt tbk joint stock sae sal "
    "saog kscc qsc bsc psc",
    "inc": "inc corp corporation incorporated co company cie compagnie",
    "lp": "lp llp kg ohg kgaa snc scs",
}
_PARTICLES = "the of and for de la le les du des der die das und et y e al el a an"

LEGAL_FORMS = {form: kind for kind, forms in _FORMS.items() for form in forms.split()}
PARTICLES = frozenset(_PARTICLES.split())
