import { readdirSync, readFileSync } from 'node:fs';

/** A process of this machine. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** File name of the program, cut to 15 characters by the kernel. */
  readonly program: string;
  /** Its arguments, separated by spaces. */
  readonly commandLine: string;
}

/** Every process of this machine, from /proc. */
export function processes(): readonly Process[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const end = stat.lastIndexOf(')');
        return {
          pid: Number(pid),
          parent: Number(stat.slice(end + 2).split(' ')[1]),
          program: stat.slice(stat.indexOf('(') + 1, end),
          commandLine: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim(),
        };
      } catch {
        return []; // It has ended meanwhile.
      }
    });
}

/** Children of a process, their children, and so on. */
export function descendantsOf(pid: number): readonly Process[] {
  const all = processes();
  const found: Process[] = [];
  for (let wave = [pid]; wave.length > 0;) {
    const children = all.filter(({ parent }) => wave.includes(parent));
    found.push(...children);
    wave = children.map((child) => child.pid);
  }
  return found;
}
