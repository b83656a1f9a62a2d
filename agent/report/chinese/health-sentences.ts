/** The notes about health checks in Chinese. */
import type { HealthNote } from '../../model/notes/health-note.ts';
import { clause, type Sentences } from '../render-sentences.ts';

const STATUSES = { success: '成功', failed: '失败', unknown: '无法进行' } as const;

export const healthSentences: Sentences<HealthNote> = {
  healthCheckChanged: ({ id, destination, status, because }) =>
    `对 ${destination} 的健康检查 ${id} ${STATUSES[status]}${because === '' ? '' : `：${clause(because)}`}。`,
};
