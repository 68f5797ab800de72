export const megabytes = (bytes: number): string => `${String(Math.round(bytes / 1_000_000))} MB`;
