/**
 * CCN areas, CEN areas and regions: the tables that decide what a branch may reach, one for each era.
 *
 * A CCN area belongs to exactly one CEN area; a CEN area covers one or more regions. Area names compare
 * through a table and never as strings: `Singapore` and `Asia Pacific` are different kinds of area.
 * Sources: the Cloud Connect Network page of 2018 and Introduction to CCN of 2021; region ids are the usual
 * Alibaba Cloud ones.
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
  | 'Australia'
  | 'Indonesia (Jakarta)'
  | 'Germany (Frankfurt)';

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

/** Rows and regions that did not change between the eras. */
const HONG_KONG: AreaRow = {
  ccnArea: 'Hong Kong',
  cenArea: 'Asia Pacific',
  regions: [{ id: 'cn-hongkong', name: 'Hong Kong' }],
};
const SINGAPORE: AreaRow = {
  ccnArea: 'Singapore',
  cenArea: 'Asia Pacific',
  regions: [{ id: 'ap-southeast-1', name: 'Singapore' }],
};
const MALAYSIA: AreaRow = {
  ccnArea: 'Malaysia (Kuala Lumpur)',
  cenArea: 'Asia Pacific',
  regions: [{ id: 'ap-southeast-3', name: 'Malaysia (Kuala Lumpur)' }],
};
const JAPAN: AreaRow = {
  ccnArea: 'Japan (Tokyo)',
  cenArea: 'Asia Pacific',
  regions: [{ id: 'ap-northeast-1', name: 'Japan (Tokyo)' }],
};
const AUSTRALIA: AreaRow = {
  ccnArea: 'Australia',
  cenArea: 'Australia',
  regions: [{ id: 'ap-southeast-2', name: 'Sydney' }],
};
const MAINLAND_REGIONS: readonly Region[] = [
  { id: 'cn-qingdao', name: 'China (Qingdao)' },
  { id: 'cn-beijing', name: 'China (Beijing)' },
  { id: 'cn-zhangjiakou', name: 'China (Zhangjiakou)' },
  { id: 'cn-shenzhen', name: 'China (Shenzhen)' },
  { id: 'cn-hangzhou', name: 'China (Hangzhou)' },
  { id: 'cn-shanghai', name: 'China (Shanghai)' },
  { id: 'cn-huhehaote', name: 'China (Hohhot)' },
];
const FRANKFURT: readonly Region[] = [{ id: 'eu-central-1', name: 'Germany (Frankfurt)' }];

/** The seed: nine CCN areas, five CEN areas, sixteen regions. */
export const AREAS_2018: readonly AreaRow[] = [
  { ccnArea: 'Mainland China', cenArea: 'Mainland China', regions: MAINLAND_REGIONS },
  HONG_KONG,
  SINGAPORE,
  MALAYSIA,
  JAPAN,
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
  { ccnArea: 'Europe', cenArea: 'Europe', regions: FRANKFURT },
  AUSTRALIA,
];

/** Three regions more in the mainland, Jakarta new, Europe renamed after its one country; India and America gone. */
export const AREAS_2021: readonly AreaRow[] = [
  {
    ccnArea: 'Mainland China',
    cenArea: 'Mainland China',
    regions: [
      ...MAINLAND_REGIONS,
      { id: 'cn-wulanchabu', name: 'China (Ulanqab)' },
      { id: 'cn-heyuan', name: 'China (Heyuan)' },
      { id: 'cn-chengdu', name: 'China (Chengdu)' },
    ],
  },
  HONG_KONG,
  SINGAPORE,
  MALAYSIA,
  JAPAN,
  {
    ccnArea: 'Indonesia (Jakarta)',
    cenArea: 'Asia Pacific',
    regions: [{ id: 'ap-southeast-5', name: 'Indonesia (Jakarta)' }],
  },
  { ccnArea: 'Germany (Frankfurt)', cenArea: 'Europe', regions: FRANKFURT },
  AUSTRALIA,
];

/** Every area a device may have been bought for, whatever the era. */
export const CCN_AREAS: readonly CcnArea[] = [
  ...new Set([...AREAS_2018, ...AREAS_2021].map(({ ccnArea }) => ccnArea)),
];

/** The row a CCN area stands in; undefined where that table has no such area. */
export function rowOf(areas: readonly AreaRow[], area: string): AreaRow | undefined {
  return areas.find(({ ccnArea }) => ccnArea === area);
}

/** The row whose regions hold `regionId`; undefined for a region that table does not know. */
export function rowOfRegion(areas: readonly AreaRow[], regionId: string): AreaRow | undefined {
  return areas.find(({ regions }) => regions.some(({ id }) => id === regionId));
}
