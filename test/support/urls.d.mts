export const PASSWORDS: { owner: string; app: string; platform: string; mover: string };
export const SUPERUSER_PASSWORD: string;
export const TEMPLATE: string;
export function urlsOf(
  port: number,
  database: string,
): { superuser: string; owner: string; app: string; platform: string; mover: string };
