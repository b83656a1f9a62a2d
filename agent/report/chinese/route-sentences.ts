/** The notes about routes in Chinese. */
import type { RouteNote } from '../../model/notes/route-note.ts';
import { duration } from '../render-duration.ts';
import { clause, type Sentences } from '../render-sentences.ts';

export const routeSentences: Sentences<RouteNote> = {
  routesInstalled: ({ prefixes, nexthop }) => `${prefixes} 个网段经由 ${nexthop} 转发。`,
  routePutBack: ({ destination }) => `到 ${destination} 的路由曾被他人删除，已补回。`,
  routesAdopted: ({ prefixes }) => `上次运行的 ${prefixes} 条路由保留，重新由本程序管理。`,
  prefixRefused: ({ prefix, because }) => `已发布的网段 ${prefix} 未安装路由：${clause(because)}。`,
  routesLost: ({ because }) => `路由已丢失：${clause(because)}；正在重新安装。`,
  kernelSilent: ({ waitedMs }) => `内核在 ${duration(waitedMs)} 内未应答路由变更。`,
  kernelRefused: ({ operation, errno, text }) =>
    `内核拒绝 ${operation}：${errno}${text === '' ? '' : `（${clause(text)}）`}。`,
};
