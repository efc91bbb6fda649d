"""s3_object.py ENDPOINT BUCKET PREFIX: lists the objects below a prefix with the SHA-256 of each, as JSON. Credentials come from the environment."""

import hashlib
import json
import sys

import boto3
from botocore.config import Config

endpoint, bucket, prefix = sys.argv[1:]
s3 = boto3.client(
    "s3", endpoint_url=endpoint, region_name="us-east-1", config=Config(s3={"addressing_style": "path"})
)
objects = {}
for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
    for found in page.get("Contents", []):
        body = s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read()
        objects[found["Key"]] = hashlib.sha256(body).hexdigest()
print(json.dumps(objects))
