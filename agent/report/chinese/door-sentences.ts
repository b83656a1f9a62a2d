/** The notes about the control socket and the page in Chinese. */
import type { DoorNote } from '../../model/notes/door-note.ts';
import { clause, type Sentences } from '../render-sentences.ts';

const DOORS = { control: '控制套接字', page: '本地页面' } as const;
const ROLES = { admin: '管理员', viewer: '只读用户' } as const;

export const doorSentences: Sentences<DoorNote> = {
  doorOpened: ({ door, where }) => `${DOORS[door]}已在 ${where} 开放。`,
  doorFailed: ({ door, where, reason, text }) =>
    `${DOORS[door]}无法在 ${where} 开放：${reason}，${clause(text)}。`,
  doorActed: ({ what, uid, pid }) => `用户 ${uid}（进程 ${pid}）在设备上操作：${what}。`,
  pageActed: ({ role, from, what }) => `${ROLES[role]}（来自 ${from}）在页面上操作：${what}。`,
  pagePasswordForgotten: ({ kept }) =>
    kept
      ? '页面密码已清除，所有用户均已退出：下一个打开页面的人可设置新密码。'
      : '页面密码已清除，所有用户均已退出，但磁盘拒绝写入：若不设置新密码，重启后旧密码仍有效。',
  doorRefused: ({ door, reason, times }) => `${DOORS[door]}拒绝了 ${times} 次请求：${reason}。`,
};
