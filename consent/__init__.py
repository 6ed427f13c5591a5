"""The consent layer for ASGI sites: asks, remembers and obeys."""

from consent._version import __version__ as __version__
from consent.access import get_consent as get_consent
from consent.access import render_calls as render_calls
from consent.access import render_embed as render_embed
from consent.access import render_link as render_link
from consent.access import render_policy as render_policy
from consent.access import render_script as render_script
from consent.errors import ConfigurationError as ConfigurationError
from consent.errors import ConsentError as ConsentError
from consent.errors import RecordsError as RecordsError
from consent.gates.cookies import CookieVerdict as CookieVerdict
from consent.middleware import ConsentMiddleware as ConsentMiddleware
from consent.model import Category as Category
from consent.model import Cookie as Cookie
from consent.model import Embed as Embed
from consent.model import Service as Service
from consent.model import Storage as Storage
from consent.records.record import ConsentRecords as ConsentRecords
from consent.records.record import Record as Record
from consent.records.record import RecordsArchive as RecordsArchive
from consent.records.sqlite import SQLiteRecords as SQLiteRecords
from consent.request_consent import RequestConsent as RequestConsent
from consent.settings import ConsentSettings as ConsentSettings
from consent.signals import Signal as Signal
from consent.state import Consent as Consent
from consent.state import Verdict as Verdict
