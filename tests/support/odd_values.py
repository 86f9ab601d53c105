"""Columns of every type that Python has no value for, or rounds, each with the values at its ends."""

from typing import TypeAlias

Odd: TypeAlias = dict[str, tuple[str, list[str]]]
"""By the name of a column its type, and values."""

ON_POSTGRESQL: Odd = {
    "span": ("interval", ["1 mon", "-2 years 3 days -04:05:06.789", "1 day", "25:00:00.000001", "178000000 years"]),
    "spans": ("interval[]", ["{1 mon,NULL,-00:00:01}"]),
    "big": (
        "numeric",
        ["NaN", "Infinity", "-Infinity", "1e400", "0.10", "-12345678901234567890.123456789012345678901"],
    ),
    "bigs": ("numeric[]", ["{NaN,1e400,0.10,NULL}", "{}"]),
    "double": ("float8", ["NaN", "Infinity", "-Infinity", "-0", "5e-324", "1.7976931348623157e308", "0.1"]),
    "single": ("float4", ["NaN", "1.1", "3.4028235e38", "1e-45"]),
    "doubles": ("float8[]", ["{NaN,Infinity,0.1,NULL}"]),
    "document": (
        "jsonb",
        ['{"n": 1.00000000000000000001, "l": [1e400, 12345678901234567890, 0.1, {"d": 1e-400}]}', "3.10", "1e400"],
    ),
    "more_documents": (
        "jsonb",
        ['"text"', "[]", "true", "-12345678901234567890.5", '{"a": {"b": [[1.5, 2.00000000000000000001]]}}'],
    ),
    "plain": ("json", ['{"n": 0.30000000000000000001}']),
    "documents": ("jsonb[]", [r'{"{\"n\": 1.00000000000000000001}",NULL,"[1]"}']),
    "bits": ("bit(5)", ["10101"]),
    "varbits": ("varbit", ["", "1"]),
    "whole_range": ("int4range", ["[1,5)", "(,5)", "empty", "(,)"]),
    "number_range": ("numrange", ["[1.10,2.20]"]),
    "moment_range": ("tstzrange", ["[2020-01-01 00:00+00,infinity)", '["0044-03-15 00:00:00+00 BC",)']),
    "day_range": ("daterange", ["[2020-01-01,2020-02-01)", "[-infinity,infinity]"]),
    "ranges": ("int4range[]", ['{"[1,3)",empty}']),
    "many_ranges": ("int4multirange", ["{[1,2), [5,9)}", "{}"]),
    "address": ("inet", ["192.168.1.1", "192.168.1.5/24", "::1"]),
    "network": ("cidr", ["10.0.0.0/8"]),
    "addresses": ("inet[]", ["{192.168.1.5/24,::1}"]),
    "amount": ("money", ["-1234567.89", "0.05"]),
    "amounts": ("money[]", ['{"$1,234.50",NULL}']),
    "clock": ("time", ["24:00:00", "23:59:59.999999", "00:00"]),
    "clock_there": ("timetz", ["24:00:00+02", "10:20:30.4-15:59:59", "00:00+14"]),
    "clocks": ("time[]", ["{24:00:00,NULL,01:00}"]),
    "moment": ("timestamp", ["infinity", "-infinity", "0044-03-15 12:00 BC", "12026-01-01 00:00:00.5", "2020-02-29"]),
    "instant": (
        "timestamptz",
        ["infinity", "4713-01-01 00:00+00 BC", "99999-12-31 23:59+00", "2020-06-01 12:00+05:30"],
    ),
    "moments": ("timestamp[]", ["{infinity,2020-01-01,NULL}"]),
    "day": ("date", ["infinity", "0001-01-01 BC", "5874897-12-31", "9999-12-31"]),
    "days": ("date[]", ["{infinity,2020-01-01}"]),
    "label": ("uuid", ["6f1c0e4a-3b1d-4c55-9a0e-0f0e0d0c0b0a"]),
    "nested": ("int8[]", ["{{1,2},{3,NULL}}", "{}"]),
    "words": ("text[]", [r'{"a,b","\"",NULL,"NULL",""}']),
    "card": ("macaddr", ["08:00:2b:01:02:03"]),
    "spot": ("point", ["(1.5,-2)"]),
    "search": ("tsvector", ["'a':1 'b':2A"]),
    "letters": ("char(5)", ["ab", ""]),
    "truth": ("bool", ["t", "f"]),
    "whole": ("int8", ["-9223372036854775808", "9223372036854775807"]),
}
"""Values as text that is cast to the type."""

ON_MARIADB: Odd = {
    "whole": ("bigint unsigned", ["18446744073709551615", "0"]),
    "exact": (
        "decimal(65,30)",
        ["'12345678901234567890123456789012345.123456789012345678901234567890'", "0", "-1e-30"],
    ),
    "single": ("float", ["1.23456789", "3.4e38", "-1.17549435e-38"]),
    "double_": ("double", ["0.1", "1.7976931348623157e308", "123456789.12345679"]),
    "bits": ("bit(64)", ["b'1111111111111111111111111111111111111111111111111111111111111111'", "b'0'"]),
    "flag": ("bit(1)", ["b'1'"]),
    "day": ("date", ["'0000-00-00'", "'2020-00-15'", "'9999-12-31'"]),
    "moment": ("datetime(6)", ["'0000-00-00 00:00:00'", "'2020-02-29 23:59:59.000001'"]),
    "instant": ("timestamp(6) null", ["'0000-00-00 00:00:00'", "'2020-06-01 12:00:00.5'"]),
    "clock": ("time(6)", ["'838:59:59.999999'", "'-838:59:59'", "'-00:00:00.5'", "'24:00:00'"]),
    "year_": ("year", ["1901", "2155", "0"]),
    "choices": ("set('a','b c')", ["'a,b c'", "''"]),
    "choice": ("enum('x','y')", ["'y'"]),
    "document": ("json", ["'{\"n\": 1.00000000000000000001}'"]),
    "number": ("smallint zerofill", ["7"]),
}

ON_SQLITE: Odd = {
    "any_": ("", ["9223372036854775807", "'18446744073709551616'", "1.5", "-0.0", "9e999", "-9e999", "'12'", "''"]),
    "whole": ("INTEGER", ["'18446744073709551616x'", "'text'", "7", "7.5", "9223372036854775808", "x'00ff'"]),
    "words": ("TEXT", ["x'cafe00'", "7", "'a' || char(0) || 'b'", "'\U0001f600'", "1e300", "char(13, 10)"]),
    "day": ("DATE", ["'2020-01-01'", "20200101", "2458849.5", "'infinity'"]),
    "truth": ("BOOLEAN", ["1", "0", "'yes'", "2"]),
    "amount": ("DECIMAL(65,30)", ["'0.1000000000000000055511151231257827'", "0.1", "12345678901234567"]),
    "document": ("JSON", ['\'{"n": 1.00000000000000000001, "l": [1e400]}\'']),
}
"""Here, as for MariaDB, values as they stand in a statement."""
