// Which column of a file is what: by the names people give columns in several languages, and by choice.

const split = (...lines: string[]): string[] => lines.flatMap((line) => line.split(', '));

/** What is read of a line, and names that columns of it have. Case, accents, spaces and marks do not count. */
const NAMES = {
  amount: split(
    'amount, total, order total, grand total, total price, order value, price, bedrag, totaal, totaalbedrag, orderbedrag',
    'bedrag incl btw, totaal incl btw, betrag, gesamtbetrag, summe, gesamtsumme, bruttobetrag, auftragswert',
    'rechnungsbetrag, montant, montant ttc, total ttc, prix total, importe, importe total, monto, precio total, importo',
    'totale, totale ordine, valor, valor total, kwota, suma, belopp, summa, beløb, beløp',
  ),
  phone: split(
    'phone, phone number, telephone, telephone number, tel, mobile, mobile phone, mobile number, cell, telefoon',
    'telefoonnummer, mobiel, mobiel nummer, gsm, telefon, telefonnummer, handy, handynummer, mobil, mobilnummer',
    'rufnummer, téléphone, numéro de téléphone, portable, teléfono, móvil, celular, cellulare, telefone, telemóvel',
    'numer telefonu, puhelin, puhelinnumero',
  ),
  email: split(
    'email, email address, mail, e-mailadres, mailadres, e-mail-adresse, mailadresse, courriel, adresse e-mail',
    'adresse mail, correo, correo electrónico, posta elettronica, indirizzo e-mail, endereço de e-mail, adres e-mail',
    'e-postadress, e-post, sähköposti',
  ),
  code: split('code, reference code, visit code, referentiecode, referenzcode, code de référence, código, codice'),
  number: split(
    'number, order number, order no, order nr, order id, order, id, ordernummer, bestelnummer, bestellnummer',
    'bestellung, auftragsnummer, auftrag, rechnungsnummer, numéro de commande, numéro commande, commande',
    'n de commande, número de pedido, pedido, n pedido, numero ordine, ordine, n ordine, número do pedido',
    'numer zamówienia, zamówienie, ordrenummer, tilausnumero',
  ),
  agreed_at: split(
    'agreed at, agreed on, date, time, date and time, order date, ordered at, created at, call date, called at, datum',
    'orderdatum, besteldatum, datum en tijd, bestelldatum, auftragsdatum, datum und uhrzeit, zeitpunkt',
    'date de commande, date et heure, fecha, fecha de pedido, fecha y hora, data, data ordine, data do pedido',
    'data zamówienia, dato, päivämäärä',
  ),
  currency: split('currency, currency code, valuta, währung, devise, monnaie, moneda, divisa, moeda, waluta'),
  name: split(
    'name, customer, customer name, full name, buyer, naam, klant, klantnaam, kunde, kundenname, nom, client',
    'nom du client, nombre, cliente, nombre del cliente, nome, nome cliente, klient, namn, navn',
  ),
  tax: split('tax, vat, vat amount, sales tax, btw, btw-bedrag, mwst, ust, umsatzsteuer, steuer, tva, iva, moms'),
  shipping: split(
    'shipping, shipping costs, delivery, freight, verzending, verzendkosten, versand, versandkosten, livraison',
    'frais de livraison, envío, gastos de envío, spedizione, frete, frakt, fragt',
  ),
  consent_ad_storage: ['ad storage'],
  consent_analytics_storage: ['analytics storage'],
  consent_ad_user_data: ['ad user data'],
  consent_ad_personalization: ['ad personalization'],
} as const satisfies Record<string, readonly string[]>;

export type FileField = keyof typeof NAMES;
const isField = (name: string): name is FileField => Object.hasOwn(NAMES, name);
export const FILE_FIELDS: readonly FileField[] = Object.keys(NAMES).filter(isField);
export const FILE_FIELD_WORDS: Record<FileField, string> = {
  amount: 'Amount',
  phone: 'Phone',
  email: 'E-mail',
  code: 'Reference code',
  number: 'Order number',
  agreed_at: 'Agreed on',
  currency: 'Currency',
  name: 'Name',
  tax: 'Tax',
  shipping: 'Shipping',
  consent_ad_storage: 'Consent: ad_storage',
  consent_analytics_storage: 'Consent: analytics_storage',
  consent_ad_user_data: 'Consent: ad_user_data',
  consent_ad_personalization: 'Consent: ad_personalization',
};

const bare = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
const FIELD_OF: ReadonlyMap<string, FileField> = new Map(
  FILE_FIELDS.flatMap((field) => [field, ...NAMES[field]].map((name): [string, FileField] => [bare(name), field])),
);

/** Chosen by name of the column; an empty name leaves the field out. */
export type Chosen = { [Field in FileField]?: string };
export type Columns = {
  /** Where each field stands, by the number of its column from 0. */
  places: ReadonlyMap<FileField, number>;
  /** What is to be chosen or put right before anything can be read. */
  problems: string[];
};

const CUSTOMER: readonly FileField[] = ['phone', 'email', 'code'];
const quoted = (names: readonly string[]): string => names.map((name) => `“${name}”`).join(', ');

/** Tells the columns by their heads; two that could be the same are never guessed between. */
export function matchColumns(heads: readonly string[], chosen: Chosen): Columns {
  const places = new Map<FileField, number>();
  const problems: string[] = [];
  const unclear = new Set<FileField>();
  const taken = new Set(Object.values(chosen));
  for (const field of FILE_FIELDS) {
    const wish = chosen[field];
    const found = heads.flatMap((head, at) =>
      (wish === undefined ? FIELD_OF.get(bare(head)) === field && !taken.has(head) : head === wish && wish !== '')
        ? [at]
        : [],
    );
    const [at] = found;
    if (found.length > 1) {
      unclear.add(field);
      problems.push(
        `${quoted(found.map((one) => heads[one] ?? ''))} could each be the ${FILE_FIELD_WORDS[field]}; choose one`,
      );
    } else if (at !== undefined) places.set(field, at);
    else if (wish !== undefined && wish !== '') problems.push(`there is no column “${wish}”`);
  }
  const isKnown = (field: FileField) => places.has(field) || unclear.has(field);
  if (!isKnown('amount')) problems.push('no column is known to be the amount; choose it');
  if (!CUSTOMER.some(isKnown))
    problems.push('no column is known to be the phone, the e-mail or the reference code; choose at least one');
  return { places, problems };
}
