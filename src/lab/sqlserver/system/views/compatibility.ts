import { catalogOf, objectsOf, systemObjectsOf, typeCode } from '../catalog-facts.ts';
import { view } from '../define-view.ts';
import { isSubscribed } from '../subscribed.ts';

/** Views of SQL Server 2000 that old scripts still ask. */

export const sysobjects = view(
  'sysobjects',
  `name sysname
   id int
   xtype char(2)
   uid smallint null
   info smallint null = 0
   status int null = 0
   base_schema_ver int null = 0
   replinfo int null
   parent_obj int
   crdate datetime
   ftcatid smallint null = 0
   schema_ver int null = 0
   stats_schema_ver int null = 0
   type char(2) null
   userstat smallint null = 1
   sysstat smallint null = 3
   indexdel smallint null = 0
   refdate datetime
   version int null = 0
   deltrig int null = 0
   instrig int null = 0
   updtrig int null = 0
   seltrig int null = 0
   category int null = 0
   cache smallint null = 0`,
  function* (context, database) {
    const all = [...objectsOf(catalogOf(context, database)).values(), ...systemObjectsOf(context).values()];
    for (const facts of all) {
      const type = typeCode(facts.type === 'PK' || facts.type === 'UQ' ? 'K' : facts.type);
      yield {
        name: facts.name,
        id: facts.id,
        xtype: typeCode(facts.type),
        uid: facts.schemaId,
        replinfo: facts.published ? 1 : 0,
        parent_obj: facts.parent,
        crdate: facts.created,
        type,
        refdate: facts.created,
        category: facts.shipped ? 2 : 0,
      };
    }
  },
);

export const sysdatabases = view(
  'sysdatabases',
  `name sysname
   dbid smallint null
   sid varbinary(85) null
   mode smallint null = 0
   status int null
   status2 int null = 0
   crdate datetime
   reserved datetime null
   category int null
   cmptlevel tinyint
   filename nvarchar(260) null
   version smallint null`,
  context =>
    [...context.instance.databases.values()].map(database => ({
      name: database.name,
      dbid: database.id,
      sid: database.options.owner,
      status: (database.options.recovery === 'SIMPLE' ? 8 : 0) | (database.options.readOnly ? 1024 : 0),
      crdate: database.created,
      category:
        (database.options.published ? 1 : 0) |
        (isSubscribed(database) ? 2 : 0) |
        (database.options.distributor ? 16 : 0),
      cmptlevel: database.options.compatibility,
      filename: database.files[0]?.physicalName ?? null,
      version: context.instance.product.databaseVersion,
    })),
);
