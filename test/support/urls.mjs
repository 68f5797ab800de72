// Plain JavaScript, as cluster.mjs; apart from it, since every spec file needs these alone.

/** Of this throw-away cluster, which only loopback reaches. */
export const PASSWORDS = { owner: 'owner', app: 'app', platform: 'platform', mover: 'mover' };
export const SUPERUSER_PASSWORD = 'superuser';
export const TEMPLATE = 'tenantry_template';

export const urlsOf = (port, database) => {
  const url = (login, password) => `postgres://${login}:${password}@127.0.0.1:${port}/${database}`;
  return {
    superuser: url('postgres', SUPERUSER_PASSWORD),
    owner: url('tenantry_owner', PASSWORDS.owner),
    app: url('tenantry_app', PASSWORDS.app),
    platform: url('tenantry_platform', PASSWORDS.platform),
    mover: url('tenantry_mover', PASSWORDS.mover),
  };
};
