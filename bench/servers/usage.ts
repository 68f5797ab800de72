/** What a server process has used so far. */
export interface Usage {
  /** Microseconds of CPU of all its threads. */
  readonly cpu: number;
  /** Bytes of memory now, and the most it ever had. */
  readonly resident: number;
  readonly mostResident: number;
}

export function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return {
    cpu: user + system,
    resident: process.memoryUsage.rss(),
    mostResident: process.resourceUsage().maxRSS * 1024,
  };
}
