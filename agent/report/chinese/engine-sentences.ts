/** The notes of the tunnel engines in Chinese. */
import type { EngineNote } from '../../model/notes/engine-note.ts';
import { duration } from '../render-duration.ts';
import { clause, type Sentences } from '../render-sentences.ts';

const ENGINES = { wireguard: 'WireGuard', ipsec: 'IPsec' } as const;

const STAGES = {
  prepare: '已同时接受新旧身份',
  switch: '已改用新身份，仍接受旧身份',
  retire: '已弃用旧身份',
  back: '已退回旧身份',
} as const;

export const engineSentences: Sentences<EngineNote> = {
  engineMissing: ({ engine, reason, because }) =>
    `缺少 ${ENGINES[engine]} 引擎，无法建立其隧道（${reason}）：${clause(because)}；将继续查找。`,
  engineFound: ({ engine }) => `${ENGINES[engine]} 引擎已就绪。`,
  engineCalled: ({ tunnel, because, retryInMs }) =>
    because === undefined
      ? `${tunnel} 两端已重新握手；若会话未恢复，${duration(retryInMs)} 后再次呼叫。`
      : `呼叫 ${tunnel} 对端未成功：${clause(because)}；${duration(retryInMs)} 后再次呼叫。`,
  engineTunnelUp: ({ tunnel, endpoint, cipher }) =>
    `引擎已与 ${endpoint} 建立 ${tunnel}（${cipher}）。`,
  engineTunnelDown: ({ tunnel, because }) => `引擎失去了 ${tunnel}：${clause(because)}。`,
  engineRekeyed: ({ tunnel, association }) => `${tunnel} 的 ${association} 已更新密钥。`,
  engineEndpointMoved: ({ tunnel, endpoint }) => `${tunnel} 的对端现位于 ${endpoint}。`,
  engineAdopted: ({ tunnel }) => `引擎发现上次运行留下的 ${tunnel}，保持原样。`,
  engineDaemonLost: ({ tunnel, because, retryInMs }) =>
    `${tunnel} 的守护进程已丢失：${clause(because)}；${duration(retryInMs)} 后重新启动。`,
  engineDaemonBack: ({ tunnel, afterMs }) => `${tunnel} 的守护进程在 ${duration(afterMs)} 后恢复。`,
  identityStage: ({ tunnel, stage }) => `${tunnel} ${STAGES[stage]}。`,
};
