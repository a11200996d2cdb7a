import type { Database } from '../server/instance.ts';
import type { ProductFacts } from '../server/product.ts';
import { comparisonStyle } from './functions/databases.ts';
import { isSubscribed } from './subscribed.ts';
import { isOn } from './views/databases.ts';

/** DATABASEPROPERTYEX; null for an unknown property and for what an offline database cannot tell. */
export function databaseProperty(
  database: Database,
  property: string,
  product: ProductFacts,
): string | number | boolean | null {
  const { options } = database;
  const online = options.state === 'ONLINE';
  switch (property.toLowerCase()) {
    case 'collation':
      return online ? database.collation : null;
    case 'comparisonstyle':
      return online ? comparisonStyle(database.collation) : null;
    case 'lcid':
      return online ? 1033 : null;
    case 'sqlsortorder':
      return database.collation.startsWith('SQL_Latin1_General_CP1_CI') ? 52 : 0;
    case 'status':
      return options.state;
    case 'recovery':
      return options.recovery;
    case 'updateability':
      return options.readOnly || database.snapshotOf !== undefined ? 'READ_ONLY' : 'READ_WRITE';
    case 'useraccess':
      return options.access;
    case 'version':
      return online ? product.databaseVersion : null;
    case 'edition':
    case 'serviceobjective':
    case 'lastgoodcheckdbtime':
      return null;
    case 'ispublished':
      return options.published;
    case 'issubscribed':
      return online ? isSubscribed(database) : options.subscribed;
    case 'ismergepublished':
    case 'isinstandby':
    case 'istornpagedetectionenabled':
      return false;
    case 'isdistributor':
      return null;
    case 'issyncwithbackup':
      return options.syncWithBackup;
    case 'isfulltextenabled':
      return true;
    case 'isautoclose':
      return isOn(database, 'AUTO_CLOSE');
    case 'isautoshrink':
      return isOn(database, 'AUTO_SHRINK');
    case 'isautocreatestatistics':
      return isOn(database, 'AUTO_CREATE_STATISTICS', true);
    case 'isautoupdatestatistics':
      return isOn(database, 'AUTO_UPDATE_STATISTICS', true);
    case 'isansinulldefault':
      return isOn(database, 'ANSI_NULL_DEFAULT');
    case 'isansinullsenabled':
      return isOn(database, 'ANSI_NULLS');
    case 'isansipaddingenabled':
      return isOn(database, 'ANSI_PADDING');
    case 'isansiwarningsenabled':
      return isOn(database, 'ANSI_WARNINGS');
    case 'isarithmeticabortenabled':
      return isOn(database, 'ARITHABORT');
    case 'isnullconcat':
      return isOn(database, 'CONCAT_NULL_YIELDS_NULL');
    case 'isnumericroundabortenabled':
      return isOn(database, 'NUMERIC_ROUNDABORT');
    case 'isquotedidentifiersenabled':
      return isOn(database, 'QUOTED_IDENTIFIER');
    case 'isrecursivetriggersenabled':
      return isOn(database, 'RECURSIVE_TRIGGERS');
    case 'isclosecursorsoncommitenabled':
      return isOn(database, 'CURSOR_CLOSE_ON_COMMIT');
    case 'islocalcursorsdefault':
      return options.others.get('CURSOR_DEFAULT') === 'LOCAL';
    case 'isparameterizationforced':
      return options.others.get('PARAMETERIZATION') === 'FORCED';
    default:
      return null;
  }
}
