#!/bin/sh
# Run once by the postgres image, on an empty volume: the logins and the database, as docs/operations.md
# asks for them on a managed server. None of them is a superuser or passes row-level security.
set -eu

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set database="$DATABASE_NAME" \
  --set owner_password="$DATABASE_OWNER_PASSWORD" \
  --set app_password="$DATABASE_APP_PASSWORD" \
  --set platform_password="$DATABASE_PLATFORM_PASSWORD" \
  --set mover_password="$DATABASE_MOVER_PASSWORD" <<'SQL'
create role tenantry_owner login nosuperuser nobypassrls nocreaterole createdb password :'owner_password';
create role tenantry_app login nosuperuser nobypassrls nocreaterole nocreatedb password :'app_password';
create role tenantry_platform login nosuperuser nobypassrls nocreaterole nocreatedb password :'platform_password';
create role tenantry_mover login nosuperuser nobypassrls nocreaterole nocreatedb password :'mover_password';
grant tenantry_app to tenantry_mover with inherit true, set false;

create database :"database" owner tenantry_owner;
revoke connect, create, temporary on database :"database" from public;
grant connect on database :"database" to tenantry_owner, tenantry_app, tenantry_platform, tenantry_mover;
grant temporary on database :"database" to tenantry_mover;

\connect :"database"
revoke all on schema public from public;
SQL
