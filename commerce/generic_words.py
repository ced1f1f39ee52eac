"""Words that any company, ship or institution may have in its name: little evidence, however rare listed."""

_WORDS = """
abadi academy administration advanced advisors aero aerospace afghan afghanistan africa african agencia
agency agricultural agriculture agro agropecuaria air airline airlines airways alliance almacen almacenes
alpha america american analytics and apparel applied aqua arab argentina armenia asia asian asociacion asset
assets associacion associated associates association atlantic auto automobile automotive avia aviation
azerbaijan bahrain balkan baltic banco bancorp bank banking banks banque bazaar beauty beijing belarus
belarusian beteiligungs bienes bio biotech black blue board brands brasil brazil brewing bridge britain
british bros brothers build building built bureau business businesses byuro cadena canada canadian capital
care cargo cargos cars casa caspian cement center central centre centro charity chemical chemicals china
chinese city clean clinic cloud club co coal coast collection college colombia colombiana comercial commerce
commercial commercio commission committee commodities communication communications community complex
components compra computer computers comunicaciones comunidad concern concrete consorcio construccion
construcciones construction constructions constructora consultants consulting consultores consumer
contractors control cooperation cooperativa cooperative corporacion corporate cosmetics council creative
credit cross crown cuba cuban cyprus damascus data dental department deposito desarrollo design designs
development diamond diamonds digital direct dis distribuidora distribution distributor distributors division
dom droguerias dubai dynamics east eastern economic education educational egypt egyptian electric electrical
electricity electro electronic electronica electronics element emirates empresa empresas energia energies
energy engineering engineers enterprise enterprises entertainment environmental equipment equities equity
essential est establishment estacion estate estates eurasia eurasian euro europe european evergreen exchange
experimental expert experts export exports express eye fabrication factory farm farms fashion federal
federation ferry finance financial financiera financing first fish fishing fleet food foods force foreign
forest forwarding foundation france freight french front fuel fund fundacion funds furniture future gallery
games ganadera garden garments gas gate general genetics georgia german germany gesellschaft gestion gida
glass global gold golden goods gosudarstvennoe gosudarstvenny grain grand granja graphics great green group
groupe grupo gruppa guangdong guangzhou guard gulf hacienda handel handels handelsgesellschaft hardware
health healthcare heavy heritage hermanos high hijos holding holdings home homes hong hongkong horizon
hospital hospitality hotel hotels house housing ihracat import importadora imports independent india indian
indonesia industria industrial industriales industrias industrie industries industry information infra
infrastructure infrastructures inmobiliaria inmuebles innovation innovations innovative insaat institut
institute institution instituto instruments insurance integrated integration intelligence inter interactive
interior internacional international internationale intl inversiones investment investments investors iran
iranian iraq iraqi iron island israel issledovatelskiy istanbul italian italy ithalat japan japanese jaya
jewellery jewelry joint jordan kargo kazakhstan kenya key king kingdom kombinat kompaniya kong
konstruktorskoe korea korean kuwait lab laboratories laboratorio laboratory labs land lands laser leader
leaders leasing leather lebanese lebanon legal libya libyan life light lighting line lines link liquid local
logistic logistics london lottery lower machine machinery machines magazine maintenance malaysia management
manufacture manufacturer manufacturers manufacturing marina marine maritime market marketing markets
maschinenbau master material materials mechanical media medical medicine medicines mediterranean mercantile
metal metallurgical metals mexicana mexico micro middle military millennium mills mine mineral minerals
mining ministry mobile mobility modern money mortgage moscow moto motor motors mountain movement mr multi
mundial mutual nacional nakliyat nation national natural nature nauchno naval navigation negocios net
network networks new news nigeria nii nord nordic north northern nova npo npp obedinenie obras ocean oceanic
office offshore oil oils old oman one online operations optical optics option opytno organisation
organization origin outdoor overseas owned pacific packaging pakistan pakistani panama paper park parks part
partner partners partnership parts party patrol pazarlama peak people performance perusahaan petro
petrochemical petrochemicals petrol petroleum petroleums pharma pharmaceutical pharmaceuticals philippines
photonics pipe pipeline planet plant plants plastic plastics plaza point polymer polymers port ports power
precision predpriyatie premier press prime princess print printing private process processing procurement
producers product production productions productos products professional professionals profit program
proizvodstvennoe project projects promotion promotora properties property provider proyectos public
publication publishing qatar quality quest radio rail railway railways real realty recycling red refinery
regional reinsurance renewable rental research reserve residential resort resorts resource resources
restaurant restaurants retail river robotics rock rose royal rubber russia russian safe safety sales sanayi
satellite savings scandinavian school science sciences scientific sea seafood secure securities security
seed seeds semiconductor semiconductors senior service services servicio servicios shanghai shelf shenzhen
ship shipping ships shipyard shop silk silver singapore site sky smart social sociedad societe society
software solar sole solution solutions son sons south southern space spain spare special specialist
specialized specialty spirit sport sports spring standard star state station stationery steel stone storage
store stores strategic strategy studio studios sub sudan sugar summit sun super supermercado supplier
suppliers supplies supply support surgical sustainable swiss switzerland syria syrian system systems taiwan
taller tanker tech technic technical technics technique techno technologia technological technologies
technology tehran tekstil telecom telecommunication telecommunications telephone television terminal textile
textiles thailand therapeutics thermal ticaret tobacco tool tools top torgoviy torgovy total tour tourism
tours tower towers toys trade trader traders trading traffic training trans transit transport transportation
transporte transportes transports travel travels trust trustees tsentr tubes turbine turbo turismo turkey
turkish uae uk ukraine ukrainian union unit unitarnoe united unity universal university upper urban us usa
utama utilities utility uzbekistan valley valores value valve ve vehicle vehicles venezuela ventas venture
ventures vertriebs verwaltungs vietnam view village vision vista vital warehouse wares watch water waves way
wealth web welding well wellness werke west western wheel white wholesale wind wine wireless wood wooden
works workshop world worldwide yacht yard yemen young zavod zone
"""

GENERIC = frozenset(_WORDS.split())
