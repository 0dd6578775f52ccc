-- Run once, by the postgres image, when its volume is empty. The pipeline gets a role that owns its two databases and
-- may nothing else; the superuser loses its password, so that it can sign in from inside the container alone:
--   docker compose exec postgres psql -U postgres linkedin_ads
\getenv password LAC_PASSWORD
CREATE ROLE lac LOGIN PASSWORD :'password';
CREATE DATABASE linkedin_ads OWNER lac;
CREATE DATABASE dagster OWNER lac;
REVOKE CONNECT, TEMPORARY ON DATABASE linkedin_ads, dagster FROM PUBLIC;
ALTER ROLE CURRENT_USER PASSWORD NULL;
