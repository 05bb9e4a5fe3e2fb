/**
 * Minor digits of every active currency: ISO 4217 list one, published 2026-01-01 by its maintenance agency SIX (up to
 * amendment 180). Not from `Intl`, which follows local custom and differs for 16 currencies. The 13 codes without a
 * minor unit cannot be prices and are left out: metals (XAG XAU XPD XPT), units of account (XBA XBB XBC XBD XDR XSU
 * XUA), "test" and "no currency" (XTS XXX).
 */
export const ISO_4217_PUBLISHED = '2026-01-01';

const codesByMinorDigits: ReadonlyArray<readonly [minorDigits: number, codes: string]> = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [
    2,
    `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
     CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD
     HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK
     MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD
     RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
     USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
];

const minorDigitsByCode: ReadonlyMap<string, number> = new Map(
  codesByMinorDigits.flatMap(([digits, codes]) => codes.split(/\s+/).map((code) => [code, digits])),
);

/** All currencies that a price may have, as ISO 4217 codes. */
export const currencyCodes: readonly string[] = [...minorDigitsByCode.keys()].sort();

export const isKnownCurrency = (code: string): boolean => {
  return minorDigitsByCode.has(code);
};

/** Decimal digits of the currency's smallest unit: 2 for USD, 0 for JPY. Throws a RangeError for an unknown code. */
export const minorDigitsOf = (code: string): number => {
  const digits = minorDigitsByCode.get(code);
  if (digits === undefined) throw new RangeError('not an active ISO 4217 currency with a minor unit');
  return digits;
};
