import { AUTHORITIES, BUNDLE } from '../parts/surroundings';

/**
 * Chooses the database and the place of uploads, has them prepared, and becomes the server. What a service has begun with, it stays with:
 * annotations must not seem lost because a database came to the namespace, or went.
 */
export const START_SCRIPT = `#!/bin/sh
set -eu
umask 077
fail() { echo "start: $*" >&2; exit 1; }

# The office's authorities stand beside the public ones.
if [ -r ${AUTHORITIES}/ca.crt ]; then
  mkdir -p "$(dirname ${BUNDLE})"
  cat "$(env -u SSL_CERT_FILE python3 -m certifi)" ${AUTHORITIES}/ca.crt >${BUNDLE}
fi

found=sqlite
[ -z "\${PGHOST:-}" ] || found="postgresql at $PGHOST"
mark=$LABEL_STUDIO_BASE_DATA_DIR/database
[ -s "$mark" ] || printf '%s\\n' "$found" >"$mark"
chosen=$(cat "$mark")
echo "start: the database is $chosen" >&2
case $chosen in
  sqlite)
    export DJANGO_DB=sqlite
    ;;
  "$found")
    export DJANGO_DB=postgresql POSTGRE_HOST="$PGHOST" POSTGRE_PORT="$PGPORT" POSTGRE_USER="$PGUSER" \\
      POSTGRE_PASSWORD="$PGPASSWORD" POSTGRE_NAME="$DATABASE"
    ;;
  *) fail "it is not there now, but $found: start that database again, or begin anew with another service" ;;
esac

# Storages of a project that name no keys of their own use the person's.
export S3_region="\${AWS_DEFAULT_REGION:-}"
if [ "$UPLOADS" = bucket ]; then
  where=\${AWS_WORKING_DIRECTORY_PATH:-}
  [ -n "$where" ] && [ -n "\${AWS_ENDPOINT_URL:-}" ] || fail 'uploads go to a bucket, and there is no access to one'
  bucket=\${where%%/*}
  folder=\${where#"$bucket"}
  folder=\${folder#/}
  export STORAGE_TYPE=s3 STORAGE_AWS_ENDPOINT_URL="$AWS_ENDPOINT_URL" STORAGE_AWS_REGION_NAME="$AWS_DEFAULT_REGION" \\
    STORAGE_AWS_BUCKET_NAME="$bucket" STORAGE_AWS_FOLDER="\${folder:+\${folder%/}/}label-studio/$DATABASE" \\
    STORAGE_AWS_S3_SIGNATURE_VERSION=s3v4
fi

export DJANGO_SETTINGS_MODULE=core.settings.label_studio
python3 /etc/bouture/label-studio/prepare.py
exec gunicorn --chdir "$(python3 -c 'import label_studio; print(*label_studio.__path__)')" --bind 0.0.0.0:8080 --workers 2 --threads 4 \\
  --timeout 300 --worker-tmp-dir /tmp --forwarded-allow-ips '*' --pythonpath /etc/bouture/label-studio bouture_wsgi
`;

/**
 * The server with a rule more: who was removed is out. By itself Label Studio gives whoever has no organisation the first one, and lets
 * everybody choose another. Its settings read themselves while they are loaded, so the rule is added once they are there.
 */
export const SERVER = `from django.conf import settings


def members_only(get_response):
    def answer(request):
        if request.user.is_authenticated and not is_member(request.user):
            from django.contrib.auth import logout
            from django.http import HttpResponseForbidden

            logout(request)
            return HttpResponseForbidden("You are no member of this organisation.")
        return get_response(request)

    return answer


def is_member(user):
    from organizations.models import OrganizationMember

    return OrganizationMember.objects.filter(
        user=user, organization=user.active_organization, deleted_at__isnull=True
    ).exists()


settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.members_only"]

from core.wsgi import application  # noqa: E402, F401
`;

/**
 * Makes the tables and the owner's account. Its password and its token are those of the Secrets after each start, so that new ones hold
 * after a restart; Label Studio alone would only take them for an account that is not there yet.
 */
export const PREPARE_SCRIPT = `import os
import sys

import label_studio

if os.environ["DJANGO_DB"] == "postgresql":
    import psycopg
    from psycopg import sql

    name = os.environ["POSTGRE_NAME"]
    with psycopg.connect(connect_timeout=10, autocommit=True) as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

sys.path.insert(0, label_studio.__path__[0])

import django

django.setup()

from django.core.management import call_command

call_command("migrate", interactive=False, verbosity=0)

from organizations.models import Organization
from rest_framework.authtoken.models import Token
from users.models import User

email, password = os.environ["LABEL_STUDIO_USERNAME"].lower(), os.environ["LABEL_STUDIO_PASSWORD"]
user = User.objects.filter(email=email).first() or User.objects.create_superuser(email, password)
if not user.check_password(password):
    user.set_password(password)
organization = Organization.objects.first()
if organization is None:
    organization = Organization.create_organization(created_by=user, title="Label Studio")
elif not organization.has_user(user):
    organization.add_user(user)
user.active_organization = organization
user.save()

token = os.environ.get("LABEL_STUDIO_USER_TOKEN")
if token is not None:
    Token.objects.filter(user=user).delete()
    Token.objects.create(user=user, key=token)
organization.jwt.legacy_api_tokens_enabled = token is not None
organization.jwt.save()
`;
