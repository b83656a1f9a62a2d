/**
 * The lower rungs of the ladder: this box, its board, and every uplink up to its next hop.
 */
import { duration } from '../../report/render-duration.ts';
import type { CheckFacts } from './facts.ts';
import {
  allOf,
  degraded,
  eitherOf,
  failed,
  type Judgement,
  passed,
  text,
  unknown,
} from './finding.ts';
import { dataUplinks, endsAt, type UplinkRung, uplinkRung } from './uplink-path.ts';

/** A store that cannot grow loses events; below this much it is close. */
const DISK_FREE_BYTES_MIN = 4 * 1024 * 1024;
const DISK_USED_PERCENT_MAX = 95;
/** The notes the agent tells when the disk has let it down. */
const STORE_TROUBLE: readonly string[] = ['storeVolatile', 'storeQuarantined'];

export function boxRung(facts: CheckFacts): Judgement {
  return allOf([configured(facts), agentAnswers(facts), diskWrites(facts)]);
}

function configured({ config, configProblem }: CheckFacts): Judgement {
  if (config !== undefined || configProblem === undefined) return unknown();
  return degraded(
    text(`The configuration was not read: ${configProblem}`, `未能读取配置：${configProblem}`),
    text(
      'sag-agent --config FILE --check shows every mistake in it; only root and the group may read it',
      '运行 sag-agent --config 文件 --check 查看全部错误；仅 root 与所属组可读',
    ),
  );
}

function agentAnswers({ agent }: CheckFacts): Judgement {
  if (!agent.answers) {
    return failed(
      text(`The agent does not answer: ${agent.because}`, `代理程序无响应：${agent.because}`),
      text(
        'systemctl restart sag-agent; journalctl -u sag-agent says why it ended; tunnels and routes stay meanwhile',
        '执行 systemctl restart sag-agent；journalctl -u sag-agent 可查看退出原因；期间隧道与路由保持不变',
      ),
    );
  }
  const { snapshot } = agent;
  const lived = duration(snapshot.nowMs - snapshot.agent.startedAtMs);
  return passed(
    text(
      `Agent ${snapshot.agent.version} runs for ${lived}`,
      `代理 ${snapshot.agent.version} 已运行 ${lived}`,
    ),
  );
}

function diskWrites({ disk, agent }: CheckFacts): Judgement {
  const trouble = agent.answers
    ? agent.snapshot.notes.find(({ note }) => STORE_TROUBLE.includes(note.code))
    : undefined;
  const act = text(
    'Make room on the disk of the state directory (df, journalctl --vacuum-size), then restart the agent',
    '请清理状态目录所在磁盘（df、journalctl --vacuum-size），然后重启代理',
  );
  if (trouble !== undefined || disk?.writes === false) {
    return failed(
      text(
        'The state directory takes no writes: events and the desired document are kept in memory only',
        '状态目录无法写入：事件与期望配置仅保存在内存中',
      ),
      act,
    );
  }
  if (disk === undefined)
    return unknown(text('The state directory cannot be looked at', '无法查看状态目录'));
  const used = `${disk.usedPercent.toFixed(0)} %`;
  if (disk.freeBytes < DISK_FREE_BYTES_MIN)
    return failed(text(`The disk is full (${used})`, `磁盘已满（${used}）`), act);
  if (disk.usedPercent > DISK_USED_PERCENT_MAX)
    return degraded(text(`The disk is ${used} full`, `磁盘已用 ${used}`), act);
  return passed(text(`Disk ${used} used`, `磁盘已用 ${used}`));
}

export function boardRung({ agent }: CheckFacts): Judgement {
  if (!agent.answers)
    return unknown(text('Only the agent speaks with the board', '仅代理程序可与主板通信'));
  const { board, nowMs } = agent.snapshot;
  const length = duration(nowMs - board.sinceMs);
  if (board.state === 'up' && board.hello !== undefined) {
    const { model, serialNumber, firmwareVersion } = board.hello;
    const name = `${model} ${serialNumber} (${firmwareVersion})`;
    return passed(text(`${name} answers for ${length}`, `${name} 通信正常，已持续 ${length}`));
  }
  return failed(
    text(`The board is silent for ${length}`, `主板已 ${length} 无响应`),
    text(
      'Traffic goes on without it. Power the box off and on; if it stays silent, check board.path in the configuration and replace the box',
      '业务流量不受影响。请断电重启设备；若仍无响应，检查配置 board.path 或更换设备',
    ),
  );
}

/** Of all data uplinks; those that already ended at a lower rung have nothing to say here. */
export function uplinkRungOf(rung: UplinkRung) {
  return (facts: CheckFacts): Judgement => {
    const order: readonly UplinkRung[] = ['cable', 'lte', 'address', 'nextHop'];
    const parts = dataUplinks(facts).flatMap((uplink) => {
      const end = endsAt(facts, uplink);
      if (end !== undefined && order.indexOf(end) < order.indexOf(rung)) return [];
      return uplinkRung(facts, uplink, rung) ?? [];
    });
    return weighed(facts, rung, parts);
  };
}

/** One broken uplink is degraded while another one stands, of whatever kind. */
function weighed(facts: CheckFacts, rung: UplinkRung, parts: readonly Judgement[]): Judgement {
  const none =
    rung === 'lte'
      ? text('This box has no LTE uplink for user traffic', '本设备没有用于业务的 LTE 链路')
      : text('No uplink gets as far as this', '没有链路到达此步');
  const judged = eitherOf(parts, none);
  if (judged.outcome !== 'failed') return judged;
  const elsewhere = dataUplinks(facts).some(
    (uplink) =>
      endsAt(facts, uplink) === undefined || uplinkRung(facts, uplink, rung) === undefined,
  );
  return elsewhere ? { ...judged, outcome: 'degraded' } : judged;
}
