import { readdirSync, readFileSync } from 'node:fs';

/**
 * One process of one boot of the machine. The number alone does not name it: numbers are given again to others after a while, and all of
 * them after a reboot.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to its start: field 22 of `/proc/PID/stat`. */
  readonly startTime: string;
  /** The kernel's random identifier of this boot. */
  readonly bootId: string;
}

/**
 * Start time from the text of `/proc/PID/stat`, or undefined when the process is a zombie, which runs no more. The second field, the
 * name, may hold blanks and parentheses, so fields are counted from the last parenthesis.
 */
export function startTimeOf(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

/** Who holds a process number now, or undefined when nobody does. */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    const startTime = startTimeOf(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    if (startTime === undefined) return undefined;
    return { pid, startTime, bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() };
  } catch {
    return undefined; // No such process.
  }
}

/** Whether exactly this process still runs. */
export function isAlive(process: ProcessIdentity): boolean {
  const now = identify(process.pid);
  return now !== undefined && now.startTime === process.startTime && now.bootId === process.bootId;
}

/** Running processes whose command line satisfies a condition. */
export function processesWhere(condition: (words: readonly string[]) => boolean): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return identify(pid) !== undefined && condition(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'));
      } catch {
        return false; // It has ended in the meantime.
      }
    });
}
