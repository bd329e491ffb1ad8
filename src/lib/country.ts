// Which country a text means, by its code or by its name in one of the languages people write it in.

/** What people type that is not a name in Unicode's country lists. */
const OTHER_NAMES: [string, string][] = [
  ['united states of america', 'US'],
  ['great britain', 'GB'],
  ['england', 'GB'],
  ['scotland', 'GB'],
  ['wales', 'GB'],
  ['the netherlands', 'NL'],
  ['holland', 'NL'],
  ['czech republic', 'CZ'],
  ['turkey', 'TR'],
];
/** What some systems hold instead of two letters: ISO 3166-1 alpha-3, each followed by its alpha-2. XKX is Kosovo’s by usage. */
const THREE_LETTERS = `
  ABWAW AFGAF AGOAO AIAAI ALAAX ALBAL ANDAD AREAE ARGAR ARMAM ASMAS ATAAQ ATFTF ATGAG AUSAU AUTAT AZEAZ BDIBI
  BELBE BENBJ BESBQ BFABF BGDBD BGRBG BHRBH BHSBS BIHBA BLMBL BLRBY BLZBZ BMUBM BOLBO BRABR BRBBB BRNBN BTNBT
  BVTBV BWABW CAFCF CANCA CCKCC CHECH CHLCL CHNCN CIVCI CMRCM CODCD COGCG COKCK COLCO COMKM CPVCV CRICR CUBCU
  CUWCW CXRCX CYMKY CYPCY CZECZ DEUDE DJIDJ DMADM DNKDK DOMDO DZADZ ECUEC EGYEG ERIER ESHEH ESPES ESTEE ETHET
  FINFI FJIFJ FLKFK FRAFR FROFO FSMFM GABGA GBRGB GEOGE GGYGG GHAGH GIBGI GINGN GLPGP GMBGM GNBGW GNQGQ GRCGR
  GRDGD GRLGL GTMGT GUFGF GUMGU GUYGY HKGHK HMDHM HNDHN HRVHR HTIHT HUNHU IDNID IMNIM INDIN IOTIO IRLIE IRNIR
  IRQIQ ISLIS ISRIL ITAIT JAMJM JEYJE JORJO JPNJP KAZKZ KENKE KGZKG KHMKH KIRKI KNAKN KORKR KWTKW LAOLA LBNLB
  LBRLR LBYLY LCALC LIELI LKALK LSOLS LTULT LUXLU LVALV MACMO MAFMF MARMA MCOMC MDAMD MDGMG MDVMV MEXMX MHLMH
  MKDMK MLIML MLTMT MMRMM MNEME MNGMN MNPMP MOZMZ MRTMR MSRMS MTQMQ MUSMU MWIMW MYSMY MYTYT NAMNA NCLNC NERNE
  NFKNF NGANG NICNI NIUNU NLDNL NORNO NPLNP NRUNR NZLNZ OMNOM PAKPK PANPA PCNPN PERPE PHLPH PLWPW PNGPG POLPL
  PRIPR PRKKP PRTPT PRYPY PSEPS PYFPF QATQA REURE ROURO RUSRU RWARW SAUSA SDNSD SENSN SGPSG SGSGS SHNSH SJMSJ
  SLBSB SLESL SLVSV SMRSM SOMSO SPMPM SRBRS SSDSS STPST SURSR SVKSK SVNSI SWESE SWZSZ SXMSX SYCSC SYRSY TCATC
  TCDTD TGOTG THATH TJKTJ TKLTK TKMTM TLSTL TONTO TTOTT TUNTN TURTR TUVTV TWNTW TZATZ UGAUG UKRUA UMIUM URYUY
  USAUS UZBUZ VATVA VCTVC VENVE VGBVG VIRVI VNMVN VUTVU WLFWF WSMWS XKXXK YEMYE ZAFZA ZMBZM ZWEZW`;
/** Beside English, whose names hold where another language calls another country so. */
const LANGUAGES = ['nl', 'de', 'fr', 'es', 'it', 'pt', 'pl', 'sv', 'nb', 'da', 'fi'];
const ALPHABET = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

type Names = Map<string, string | undefined>;
let byName: Names | undefined;

const keyOf = (name: string) => name.normalize('NFC').toLowerCase();

const BY_THREE_LETTERS: ReadonlyMap<string, string> = new Map(
  THREE_LETTERS.trim()
    .split(/\s+/)
    .map((pair) => [keyOf(pair.slice(0, 3)), pair.slice(3)]),
);
const CODES: ReadonlySet<string> = new Set(BY_THREE_LETTERS.values());

/** A name that was another country's before means neither. */
function addNames(found: Names, language: string): void {
  const names = new Intl.DisplayNames(language, { type: 'region', fallback: 'none' });
  for (const code of ALPHABET.flatMap((first) => ALPHABET.map((second) => first + second))) {
    const name = names.of(code);
    if (name === undefined) continue;
    const key = keyOf(name);
    // Retired codes (FX, SU, YU …) carry a living country's name; the canonical locale has the living code.
    const living = new Intl.Locale(`und-${code}`).region ?? code;
    if (!CODES.has(living)) continue;
    found.set(key, !found.has(key) || found.get(key) === living ? living : undefined);
  }
}

/** Names and three-letter codes of all countries, made at the first question because most senders give codes. */
function countriesByName(): Names {
  const [english, others]: [Names, Names] = [new Map(), new Map()];
  addNames(english, 'en');
  for (const language of LANGUAGES) addNames(others, language);
  return new Map([...others, ...english, ...OTHER_NAMES, ...BY_THREE_LETTERS]);
}

/** ISO 3166-1 alpha-2 in capitals, from a code or a name; undefined when it is neither. */
export function countryCode(country: string): string | undefined {
  const text = country.trim();
  if (/^[A-Za-z]{2}$/.test(text)) {
    const code = text.toUpperCase() === 'UK' ? 'GB' : text.toUpperCase();
    return CODES.has(code) ? code : undefined;
  }
  byName ??= countriesByName();
  return byName.get(keyOf(text));
}
