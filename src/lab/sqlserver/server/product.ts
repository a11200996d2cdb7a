/** What an edition and a version can do (facts: mssql 2.1, 2.2); every gate of the double asks here. */
export interface ProductFacts {
  /** SERVERPROPERTY('Edition'): `Standard Edition (64-bit)`. */
  readonly edition: string;
  /** 2 Standard and Web, 3 Enterprise and Developer, 4 Express. */
  readonly engineEdition: 2 | 3 | 4;
  readonly tier: 'Enterprise' | 'Developer' | 'Standard' | 'Web' | 'Express';
  /** Year of the product: 2012, 2016, 2019, 2022. */
  readonly release: 2012 | 2014 | 2016 | 2017 | 2019 | 2022;
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  /** SERVERPROPERTY('ProductLevel'), `RTM` or `SP1`. */
  readonly level: string;
  /** SERVERPROPERTY('ProductUpdateLevel'), `CU12`; null before 2012 SP. */
  readonly update: string | null;
  /** Internal database version: a restore never goes to a lower one. */
  readonly databaseVersion: number;
  readonly compatibility: number;
  readonly platform: 'Windows' | 'Linux';
  readonly publishes: boolean;
  readonly distributes: boolean;
  readonly hasAgent: boolean;
  readonly changeDataCapture: boolean;
  readonly backupCompression: boolean;
  readonly databaseSnapshots: boolean;
}
