/**
 * A check in the shape of SAG's quick diagnosis (`DiscribeSmartAccessGatewayDiagnosisReport`, published spelling): what
 * the cloud gets when it asks for one.
 */
import type { CheckReport } from './check-report.ts';
import type { Outcome } from './finding.ts';
import type { SagItemFinding, SagItemType } from './sag-items.ts';

export type SagLevel = 'error' | 'warning' | 'info';

export interface SagDiagnosisReport {
  readonly DiagnoseId: string;
  readonly State: 'processing' | 'finished' | 'failed';
  readonly Percent: number;
  readonly FinishedNumber: number;
  readonly TotalNumber: number;
  /** Milliseconds since 1970. */
  readonly StartTime: number;
  readonly EndTime?: number;
  /** Model and firmware of the board; empty while it has not told them. */
  readonly BoxType: string;
  readonly BoxVersion: string;
  /** Version of this agent. */
  readonly MonitorVersion: string;
  /** Kept on the device and in the log service. */
  readonly StoreType: 'both';
  /** `1` once the log service has it, which the gateway knows and this device does not. */
  readonly ReportSLSSuccess: '0';
  readonly Statistics: SagStatistics & {
    readonly Types: Readonly<Record<SagItemType, SagStatistics>>;
  };
  readonly Items: readonly SagReportItem[];
}

export interface SagStatistics {
  readonly Total: number;
  readonly Error: number;
  readonly Warning: number;
  readonly Info: number;
}

export interface SagReportItem {
  readonly ItemName: string;
  readonly Type: SagItemType;
  readonly Level: SagLevel;
  readonly StartTime: number;
  readonly EndTime: number;
  readonly CN: SagItemText;
  readonly EN: SagItemText;
}

export interface SagItemText {
  readonly ItemName: string;
  readonly Type: string;
  readonly Level: string;
  readonly Details: readonly string[];
  readonly Advice: readonly string[];
}

/** Who is diagnosed, and when it began. */
export interface SagDiagnosis {
  readonly diagnoseId: string;
  readonly startMs: number;
  readonly boxType: string;
  readonly boxVersion: string;
  readonly monitorVersion: string;
}

export const SAG_ITEMS_TOTAL = 15;
const PERCENT = 100;
const TYPES: readonly SagItemType[] = ['config', 'biz', 'internet'];
/** What nobody can tell here is no fault. */
const LEVELS: Readonly<Record<Outcome, SagLevel>> = {
  passed: 'info',
  unknown: 'info',
  blocked: 'warning',
  degraded: 'warning',
  failed: 'error',
};
const EN_TYPES: Readonly<Record<SagItemType, string>> = {
  config: 'Config',
  biz: 'Service',
  internet: 'Internet',
};
const CN_TYPES: Readonly<Record<SagItemType, string>> = {
  config: '配置',
  biz: '业务质量',
  internet: '公网质量',
};
const CN_LEVELS: Readonly<Record<SagLevel, string>> = {
  error: '错误',
  warning: '警告',
  info: '正常',
};

/** Before anything has been found out. */
export function sagReportBegun(diagnosis: SagDiagnosis): SagDiagnosisReport {
  return shaped(diagnosis, 'processing', []);
}

export function sagReportFailed(diagnosis: SagDiagnosis, endMs: number): SagDiagnosisReport {
  return { ...shaped(diagnosis, 'failed', []), EndTime: endMs };
}

export function sagReport(
  diagnosis: SagDiagnosis,
  { items }: Pick<CheckReport, 'items'>,
  endMs: number,
): SagDiagnosisReport {
  const shown = items.map((item) => itemOf(item, diagnosis.startMs, endMs));
  return { ...shaped(diagnosis, 'finished', shown), EndTime: endMs };
}

function shaped(
  { diagnoseId, startMs, boxType, boxVersion, monitorVersion }: SagDiagnosis,
  state: SagDiagnosisReport['State'],
  items: readonly SagReportItem[],
): SagDiagnosisReport {
  const ofType = (type: SagItemType) => statistics(items.filter(({ Type }) => Type === type));
  const types = Object.fromEntries(TYPES.map((type) => [type, ofType(type)]));
  return {
    DiagnoseId: diagnoseId,
    State: state,
    Percent: Math.round((PERCENT * items.length) / SAG_ITEMS_TOTAL),
    FinishedNumber: items.length,
    TotalNumber: SAG_ITEMS_TOTAL,
    StartTime: startMs,
    BoxType: boxType,
    BoxVersion: boxVersion,
    MonitorVersion: monitorVersion,
    StoreType: 'both',
    ReportSLSSuccess: '0',
    Statistics: {
      ...statistics(items),
      Types: types as Readonly<Record<SagItemType, SagStatistics>>,
    },
    Items: items,
  };
}

function statistics(items: readonly SagReportItem[]): SagStatistics {
  const count = (level: SagLevel): number => items.filter(({ Level }) => Level === level).length;
  return {
    Total: items.length,
    Error: count('error'),
    Warning: count('warning'),
    Info: count('info'),
  };
}

function itemOf(item: SagItemFinding, startMs: number, endMs: number): SagReportItem {
  const { id, type, title, outcome, evidence, advice } = item;
  const level = LEVELS[outcome];
  return {
    ItemName: id,
    Type: type,
    Level: level,
    StartTime: startMs,
    EndTime: endMs,
    CN: {
      ItemName: title.zh,
      Type: CN_TYPES[type],
      Level: CN_LEVELS[level],
      Details: evidence.map(({ zh }) => zh),
      Advice: advice.map(({ zh }) => zh),
    },
    EN: {
      ItemName: title.en,
      Type: EN_TYPES[type],
      Level: level.toUpperCase(),
      Details: evidence.map(({ en }) => en),
      Advice: advice.map(({ en }) => en),
    },
  };
}
