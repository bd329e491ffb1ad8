// Which country a text means, by its code or by its name in one of the languages people write it in.

/** What people type, and what ISO 3166-1 and its lists say, that is not a name in Unicode's country lists. */
const OTHER_NAMES: [string, string][] = [
  ['united states of america', 'US'],
  ['u.s.', 'US'],
  ['great britain', 'GB'],
  ['united kingdom of great britain and northern ireland', 'GB'],
  ['england', 'GB'],
  ['scotland', 'GB'],
  ['wales', 'GB'],
  ['northern ireland', 'GB'],
  ['republic of ireland', 'IE'],
  ['holland', 'NL'],
  ['kingdom of the netherlands', 'NL'],
  ['netherlands (kingdom of the)', 'NL'],
  ['czech republic', 'CZ'],
  ['turkey', 'TR'],
  ['uae', 'AE'],
  ['bolivia (plurinational state of)', 'BO'],
  ['bonaire, sint eustatius and saba', 'BQ'],
  ['brunei darussalam', 'BN'],
  ['ivory coast', 'CI'],
  ['democratic republic of the congo', 'CD'],
  ['congo (the democratic republic of the)', 'CD'],
  ['republic of the congo', 'CG'],
  ['falkland islands (malvinas)', 'FK'],
  ['micronesia (federated states of)', 'FM'],
  ['federated states of micronesia', 'FM'],
  ['heard island and mcdonald islands', 'HM'],
  ['iran (islamic republic of)', 'IR'],
  ['islamic republic of iran', 'IR'],
  ['korea (republic of)', 'KR'],
  ['korea (the republic of)', 'KR'],
  ['republic of korea', 'KR'],
  ['korea (the democratic people’s republic of)', 'KP'],
  ['democratic people’s republic of korea', 'KP'],
  ['lao people’s democratic republic', 'LA'],
  ['macau', 'MO'],
  ['macedonia', 'MK'],
  ['moldova (republic of)', 'MD'],
  ['republic of moldova', 'MD'],
  ['palestine (state of)', 'PS'],
  ['state of palestine', 'PS'],
  ['russian federation', 'RU'],
  ['saint helena, ascension and tristan da cunha', 'SH'],
  ['saint martin (french part)', 'MF'],
  ['sint maarten (dutch part)', 'SX'],
  ['swaziland', 'SZ'],
  ['syrian arab republic', 'SY'],
  ['taiwan (province of china)', 'TW'],
  ['tanzania (united republic of)', 'TZ'],
  ['united republic of tanzania', 'TZ'],
  ['united states minor outlying islands', 'UM'],
  ['venezuela (bolivarian republic of)', 'VE'],
  ['holy see', 'VA'],
  ['holy see (vatican city state)', 'VA'],
  ['viet nam', 'VN'],
  ['virgin islands (british)', 'VG'],
  ['virgin islands (u.s.)', 'VI'],
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

/** Without marks, dots, brackets and articles, so that "Reunion", "Bahamas (the)" and "Saint Lucia" are known too. */
const keyOf = (name: string) =>
  name
    .normalize('NFD')
    .toLowerCase()
    .replaceAll('&', ' and ')
    .replace(/[\p{M}\p{P}\p{S}]+/gu, ' ')
    .replace(/\bthe\b/g, ' ')
    .replace(/\bsaint\b/g, 'st')
    .replace(/\s+/g, '');

const BY_THREE_LETTERS: ReadonlyMap<string, string> = new Map(
  THREE_LETTERS.trim()
    .split(/\s+/)
    .map((pair) => [keyOf(pair.slice(0, 3)), pair.slice(3)]),
);
const CODES: ReadonlySet<string> = new Set(BY_THREE_LETTERS.values());

type Style = 'long' | 'short';
const namesIn = (language: string, style: Style) =>
  new Intl.DisplayNames(language, { type: 'region', fallback: 'none', style });

/** Retired codes (FX, SU, YU …) carry a living country's name; the canonical locale has the living code. */
const livingCodes = (): [string, string][] =>
  ALPHABET.flatMap((first) => ALPHABET.map((second) => first + second))
    .map((code): [string, string] => [code, new Intl.Locale(`und-${code}`).region ?? code])
    .filter(([, living]) => CODES.has(living));

/** A name that was another country's before means neither. */
function addNames(found: Names, codes: [string, string][], language: string, style: Style): void {
  const names = namesIn(language, style);
  for (const [code, living] of codes) {
    const name = names.of(code);
    if (name === undefined) continue;
    const key = keyOf(name);
    found.set(key, !found.has(key) || found.get(key) === living ? living : undefined);
  }
}

/** What each country calls itself, in the language most of its people speak. */
function ownNames(): Names {
  const byLanguage = new Map<string, [string, string][]>();
  for (const code of CODES) {
    const { language } = new Intl.Locale(`und-${code}`).maximize();
    byLanguage.set(language, [...(byLanguage.get(language) ?? []), [code, code]]);
  }
  const found: Names = new Map();
  for (const [language, codes] of byLanguage) addNames(found, codes, language, 'long');
  return found;
}

/** Names and three-letter codes of all countries, made at the first question because most senders give codes. */
function countriesByName(): Names {
  const [english, others]: [Names, Names] = [new Map(), new Map()];
  const codes = livingCodes();
  for (const style of ['long', 'short'] as const) addNames(english, codes, 'en', style);
  for (const language of LANGUAGES) addNames(others, codes, language, 'long');
  const more = OTHER_NAMES.map(([name, code]): [string, string] => [keyOf(name), code]);
  return new Map([...ownNames(), ...others, ...english, ...more, ...BY_THREE_LETTERS]);
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
