export interface Language {
  readonly id: number;
  readonly lcid: number;
  readonly name: string;
  readonly alias: string;
  readonly format: string;
  readonly first: number;
  readonly months: string;
  readonly short: string;
  readonly days: string;
}

const english = {
  months: 'January,February,March,April,May,June,July,August,September,October,November,December',
  short: 'Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec',
  days: 'Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday',
};

/** sys.syslanguages: the languages whose dates the double can show. */
export const LANGUAGES: readonly Language[] = [
  { id: 0, lcid: 1033, name: 'us_english', alias: 'English', format: 'mdy', first: 7, ...english },
  {
    id: 1,
    lcid: 1031,
    name: 'Deutsch',
    alias: 'German',
    format: 'dmy',
    first: 1,
    months: 'Januar,Februar,März,April,Mai,Juni,Juli,August,September,Oktober,November,Dezember',
    short: 'Jan,Feb,Mär,Apr,Mai,Jun,Jul,Aug,Sep,Okt,Nov,Dez',
    days: 'Montag,Dienstag,Mittwoch,Donnerstag,Freitag,Samstag,Sonntag',
  },
  { id: 23, lcid: 2057, name: 'British', alias: 'British English', format: 'dmy', first: 1, ...english },
];
