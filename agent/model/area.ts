/**
 * CCN areas, CEN areas and regions: the table that decides what a branch may reach.
 *
 * A CCN area belongs to exactly one CEN area; a CEN area covers one or more regions. Area names compare
 * through this table and never as strings: `Singapore` and `Asia Pacific` are different kinds of area.
 * Source: the Cloud Connect Network page of 2018; region ids are the usual Alibaba Cloud ones.
 */
export type CcnArea =
  | 'Mainland China'
  | 'Hong Kong'
  | 'Singapore'
  | 'Malaysia (Kuala Lumpur)'
  | 'Japan (Tokyo)'
  | 'India (Mumbai)'
  | 'North America'
  | 'Europe'
  | 'Australia';

export type CenArea = 'Mainland China' | 'Asia Pacific' | 'North America' | 'Europe' | 'Australia';

export interface Region {
  readonly id: string;
  readonly name: string;
}

export interface AreaRow {
  readonly ccnArea: CcnArea;
  readonly cenArea: CenArea;
  readonly regions: readonly Region[];
}

export const AREAS: readonly AreaRow[] = [
  {
    ccnArea: 'Mainland China',
    cenArea: 'Mainland China',
    regions: [
      { id: 'cn-qingdao', name: 'China (Qingdao)' },
      { id: 'cn-beijing', name: 'China (Beijing)' },
      { id: 'cn-zhangjiakou', name: 'China (Zhangjiakou)' },
      { id: 'cn-shenzhen', name: 'China (Shenzhen)' },
      { id: 'cn-hangzhou', name: 'China (Hangzhou)' },
      { id: 'cn-shanghai', name: 'China (Shanghai)' },
      { id: 'cn-huhehaote', name: 'China (Hohhot)' },
    ],
  },
  {
    ccnArea: 'Hong Kong',
    cenArea: 'Asia Pacific',
    regions: [{ id: 'cn-hongkong', name: 'Hong Kong' }],
  },
  {
    ccnArea: 'Singapore',
    cenArea: 'Asia Pacific',
    regions: [{ id: 'ap-southeast-1', name: 'Singapore' }],
  },
  {
    ccnArea: 'Malaysia (Kuala Lumpur)',
    cenArea: 'Asia Pacific',
    regions: [{ id: 'ap-southeast-3', name: 'Malaysia (Kuala Lumpur)' }],
  },
  {
    ccnArea: 'Japan (Tokyo)',
    cenArea: 'Asia Pacific',
    regions: [{ id: 'ap-northeast-1', name: 'Japan (Tokyo)' }],
  },
  {
    ccnArea: 'India (Mumbai)',
    cenArea: 'Asia Pacific',
    regions: [{ id: 'ap-south-1', name: 'India (Mumbai)' }],
  },
  {
    ccnArea: 'North America',
    cenArea: 'North America',
    regions: [
      { id: 'us-west-1', name: 'US (Silicon Valley)' },
      { id: 'us-east-1', name: 'US (Virginia)' },
    ],
  },
  {
    ccnArea: 'Europe',
    cenArea: 'Europe',
    regions: [{ id: 'eu-central-1', name: 'Germany (Frankfurt)' }],
  },
  {
    ccnArea: 'Australia',
    cenArea: 'Australia',
    regions: [{ id: 'ap-southeast-2', name: 'Sydney' }],
  },
];

export function isCcnArea(name: string): name is CcnArea {
  return AREAS.some((row) => row.ccnArea === name);
}

/** The row a CCN area stands in. */
export function rowOf(area: CcnArea): AreaRow {
  const row = AREAS.find((candidate) => candidate.ccnArea === area);
  if (row === undefined) throw new Error(`no row for CCN area ${area}`);
  return row;
}

/** The row whose regions hold `regionId`; undefined for a region this table does not know. */
export function rowOfRegion(regionId: string): AreaRow | undefined {
  return AREAS.find((row) => row.regions.some((region) => region.id === regionId));
}
