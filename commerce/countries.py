"""Countries as lists and partners write them, to ISO 3166-1 alpha-2."""

import re

from commerce.names import words_of

_NAMES = """
AD Andorra|AE United Arab Emirates;UAE|AF Afghanistan|AG Antigua and Barbuda|AI Anguilla|AL Albania
AM Armenia|AO Angola|AQ Antarctica|AR Argentina|AS American Samoa|AT Austria|AU Australia|AW Aruba
AX Aland Islands|AZ Azerbaijan|BA Bosnia and Herzegovina;Bosnia-Herzegovina;Bosnia;Republika Srpska
BB Barbados|BD Bangladesh|BE Belgium|BF Burkina Faso|BG Bulgaria|BH Bahrain|BI Burundi|BJ Benin
BL Saint Barthelemy|BM Bermuda|BN Brunei;Brunei Darussalam|BO Bolivia;Plurinational State of Bolivia
BQ Bonaire|BR Brazil|BS Bahamas;The Bahamas|BT Bhutan|BV Bouvet Island|BW Botswana|BY Belarus|BZ Belize
CA Canada|CC Cocos Islands
CD Democratic Republic of the Congo;RDC;Congolese;Congo, Democratic Republic of the;DRC;DR Congo
CF Central African Republic|CG Republic of the Congo;Congo, Republic of the;Congo|CH Switzerland
CI Cote d'Ivoire;Ivory Coast;Cote d Ivoire|CK Cook Islands|CL Chile|CM Cameroon
CN China;People's Republic of China|CO Colombia|CR Costa Rica|CU Cuba|CV Cabo Verde;Cape Verde|CW Curacao
CX Christmas Island|CY Cyprus|CZ Czechia;Czech Republic|DE Germany;Federal Republic of Germany|DJ Djibouti
DK Denmark|DM Dominica|DO Dominican Republic|DZ Algeria|EC Ecuador|EE Estonia|EG Egypt|EH Western Sahara
ER Eritrea|ES Spain|ET Ethiopia|FI Finland|FJ Fiji|FK Falkland Islands
FM Micronesia;Federated States of Micronesia|FO Faroe Islands|FR France|GA Gabon
GB United Kingdom;UK;Great Britain;England;Scotland;Wales;Northern Ireland|GD Grenada|GE Georgia
GF French Guiana|GG Guernsey|GH Ghana|GI Gibraltar|GL Greenland|GM Gambia;The Gambia|GN Guinea|GP Guadeloupe
GQ Equatorial Guinea|GR Greece|GS South Georgia|GT Guatemala|GU Guam|GW Guinea-Bissau|GY Guyana
HK Hong Kong;Hong Kong SAR|HM Heard Island|HN Honduras|HR Croatia|HT Haiti|HU Hungary|ID Indonesia
IE Ireland|IL Israel|IM Isle of Man;Man, Isle of|IN India|IO British Indian Ocean Territory|IQ Iraq
IR Iran;Islamic Republic of Iran;Iran (Islamic Republic of)|IS Iceland|IT Italy|JE Jersey|JM Jamaica
JO Jordan|JP Japan|KE Kenya|KG Kyrgyzstan;Kyrgyz Republic|KH Cambodia|KI Kiribati|KM Comoros
KN Saint Kitts and Nevis;St. Kitts and Nevis
KP North Korea;Korea, North;DPRK;Democratic People's Republic of Korea
KR South Korea;Korea, South;Republic of Korea;Korea|KW Kuwait|KY Cayman Islands|KZ Kazakhstan
LA Laos;Lao People's Democratic Republic|LB Lebanon|LC Saint Lucia|LI Liechtenstein|LK Sri Lanka|LR Liberia
LS Lesotho|LT Lithuania|LU Luxembourg|LV Latvia|LY Libya;Libyan Arab Jamahiriya|MA Morocco|MC Monaco
MD Moldova;Republic of Moldova|ME Montenegro|MF Saint Martin|MG Madagascar|MH Marshall Islands
MK North Macedonia;Macedonia|ML Mali|MM Myanmar;Burma|MN Mongolia|MO Macau;Macao|MP Northern Mariana Islands
MQ Martinique|MR Mauritania|MS Montserrat|MT Malta|MU Mauritius|MV Maldives|MW Malawi|MX Mexico|MY Malaysia
MZ Mozambique|NA Namibia|NC New Caledonia|NE Niger|NF Norfolk Island|NG Nigeria|NI Nicaragua
NL Netherlands;The Netherlands;Holland|NO Norway|NP Nepal|NR Nauru|NU Niue|NZ New Zealand|OM Oman|PA Panama
PE Peru|PF French Polynesia|PG Papua New Guinea|PH Philippines|PK Pakistan|PL Poland
PM Saint Pierre and Miquelon|PN Pitcairn|PR Puerto Rico
PS Palestine;State of Palestine;Palestinian;West Bank;Gaza;Occupied Palestinian Territories;Region: Gaza
PT Portugal|PW Palau|PY Paraguay|QA Qatar|RE Reunion|RO Romania|RS Serbia|RU Russia;Russian Federation
RW Rwanda|SA Saudi Arabia;Kingdom of Saudi Arabia|SB Solomon Islands|SC Seychelles|SD Sudan|SE Sweden
SG Singapore|SH Saint Helena|SI Slovenia|SJ Svalbard|SK Slovakia|SL Sierra Leone|SM San Marino|SN Senegal
SO Somalia|SR Suriname|SS South Sudan|ST Sao Tome and Principe|SV El Salvador|SX Sint Maarten
SY Syria;Syrian Arab Republic|SZ Eswatini;Swaziland|TC Turks and Caicos Islands|TD Chad
TF French Southern Territories|TG Togo|TH Thailand|TJ Tajikistan|TK Tokelau|TL Timor-Leste;East Timor
TM Turkmenistan|TN Tunisia|TO Tonga|TR Turkey;Turkiye|TT Trinidad and Tobago|TV Tuvalu|TW Taiwan
TZ Tanzania;United Republic of Tanzania|UA Ukraine;Region: Crimea;Region: Donetsk;Region: Luhansk|UG Uganda
UM US Minor Outlying Islands|US United States;United States of America;USA;U.S.|UY Uruguay|UZ Uzbekistan
VA Holy See;Vatican|VC Saint Vincent and the Grenadines;St. Vincent and the Grenadines
VE Venezuela;Bolivarian Republic of Venezuela|VG British Virgin Islands;Virgin Islands, British
VI US Virgin Islands;Virgin Islands, U.S.|VN Vietnam;Viet Nam|VU Vanuatu|WF Wallis and Futuna|WS Samoa
XK Kosovo|YE Yemen|YT Mayotte|ZA South Africa|ZM Zambia|ZW Zimbabwe
"""
_NATIONALITIES = """
AF Afghan;Afgan|AL Albanian|BA Bosnian|BD Bangladeshi|BE Belgian|BY Belarusian|CN Chinese|CO Colombian
CU Cuban|DE German|DZ Algerian|EG Egyptian|ER Eritrean|ET Ethiopian|FR French|GB British|ID Indonesian
IN Indian|IQ Iraqi|IR Iranian|IT Italian|JO Jordanian|KE Kenyan|KP North Korean|KW Kuwaiti|LB Lebanese
LY Libyan|MA Moroccan|ML Malian|MM Burmese|MY Malaysian|NG Nigerian|NI Nicaraguan|NL Dutch|PH Filipino
PK Pakistani|QA Qatari|RU Russian|RW Rwandan|SA Saudi;Saudi Arabian|SD Sudanese|SE Swedish|SO Somali
SY Syrian|TD Chadian|TN Tunisian|TR Turkish|TZ Tanzanian|UA Ukrainian|UG Ugandan|US American|VE Venezuelan
YE Yemeni|ZW Zimbabwean
"""


def _rows(table: str) -> list[tuple[str, list[str]]]:
    cells = (row.split(" ", 1) for line in table.strip().splitlines() for row in line.split("|"))
    return [(code, names.split(";")) for code, names in cells]


_COUNTRIES = _rows(_NAMES)
_BY_NAME = {
    " ".join(words_of(name)): code for code, names in (*_rows(_NATIONALITIES), *_COUNTRIES) for name in names
}
_ENUMERATION = re.compile(r"\(?\b(?:\d{1,2}|[a-z])\)|[;/]")
_ASIDE = re.compile(r"\([^)]*\)")

CODES = frozenset(code for code, _ in _COUNTRIES)
NAMES = {code: names[0] for code, names in _COUNTRIES}


def code_of(text: str) -> str:
    """Alpha-2 of a code or a name in any case and punctuation; empty if it is neither."""
    stripped = text.strip()
    if stripped.upper() in CODES:
        return stripped.upper()
    return _BY_NAME.get(" ".join(words_of(stripped)), "")


def codes_in(text: str) -> tuple[str, ...]:
    """Every country a field of free text names: "(1) Afghanistan (until 2009) (2) Lahore, Pakistan"."""
    if code := code_of(text):
        return (code,)
    pieces = [piece for part in _ENUMERATION.split(text) for piece in _of_piece(_ASIDE.sub(" ", part))]
    return tuple(dict.fromkeys(filter(None, map(code_of, pieces))))


def _of_piece(text: str) -> list[str]:
    return [text] if code_of(text) else text.split(",")
