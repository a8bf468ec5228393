"""Makes of the template what `sam build` would make of it, from binaries that cargo has built already.

    built_template.py <template> <folder for the built template> <binary>=<its file>...
"""

import os
import shutil
import sys

from samcli.yamlhelper import yaml_dump, yaml_parse


def main(template_file, folder, binaries):
    with open(template_file) as file:
        template = yaml_parse(file.read())
    del template["Globals"]["Function"]["CodeUri"]
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            binary = resource.pop("Metadata")["BuildProperties"]["Binary"]
            place(binaries[binary], os.path.join(folder, name))
            resource["Properties"]["CodeUri"] = name
            for policy in resource["Properties"]["Policies"]:
                for statement in policy["Statement"]:
                    name_the_batch(statement)
        if resource["Type"] == "AWS::IAM::Policy":
            for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                let_any_mail(statement)
    with open(os.path.join(folder, "template.yaml"), "w") as file:
        file.write(yaml_dump(template))


def place(binary, folder):
    os.makedirs(folder)
    bootstrap = os.path.join(folder, "bootstrap")
    try:
        os.link(binary, bootstrap)
    except OSError:
        shutil.copy2(binary, bootstrap)


def name_the_batch(statement):
    """AWS has one permission for sending a message and a batch of them; MiniStack asks for one of each name."""
    if statement["Action"] == "sqs:SendMessage":
        statement["Action"] = ["sqs:SendMessage", "sqs:SendMessageBatch"]


def let_any_mail(statement):
    """AWS asks for SendEmail on the sender's identity and on the configuration set, with the sender's address as a
    condition's key. MiniStack knows neither of a mail: to it every mail is sent on "*", which no resource by name
    matches, and from no address."""
    if statement["Action"] == "ses:SendEmail":
        statement["Resource"] = "*"
        del statement["Condition"]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], dict(argument.split("=", 1) for argument in sys.argv[3:]))
