//! Options for a job flow's software and its settings.

use super::keys;
use crate::config::{Application, Argument, Gibibytes, Key, List, Nested, Release, Takes};
use crate::model::release::LATEST_PATCHES;

const HEADING: &str = "Software";

const fn argument(long: &'static str, takes: &'static str, help: &'static str) -> Argument {
    Argument::new(long, Takes::Value(takes), help).under(HEADING)
}

keys! { SOFTWARE:
    /// Release label, such as emr-7.14.0, which is the default; wins over `ami_version`.
    RELEASE_LABEL: Release = Key::named("release_label")
        .typed_as(&[argument("release-label", "LABEL", "Release of EMR, such as emr-6.15.0 or 6.15.0 [default: emr-7.14.0]")
            .usually(|| LATEST_PATCHES.to_vec())
            .first()]);

    /// AMI version 2 or 3; a later one means the release label of that number, and latest the default release.
    AMI_VERSION: String = Key::named("ami_version").also(&["image_version"])
        .typed_as(&[argument(
            "ami-version",
            "VERSION",
            "AMI version 2 or 3, such as 3.11.0; a later one means the release label of that number [default: none]",
        )
        .also(&["image-version"])]);

    /// Hadoop version, with AMI version 2 or 3.
    HADOOP_VERSION: String = Key::named("hadoop_version")
        .typed_as(&[argument("hadoop-version", "VERSION", "Hadoop version, with AMI version 2 or 3 [default: the AMI's]")]);

    /// Applications to install, with a release label.
    APPLICATIONS: List<Application> = Key::named("applications").also(&["emr_applications"])
        .typed_as(&[Argument::new(
            "application",
            Takes::Values("NAME"),
            "Applications to install, with a release label: `Spark`, `Spark,Hive` or `Name=Spark`; may be repeated",
        )
        .also(&["applications", "emr-application"])
        .first()
        .under(HEADING)]);

    /// Settings of applications, each a mapping with `Classification`, `Properties` and `Configurations`, as `RunJobFlow`
    /// takes it.
    /// A later one of a classification replaces an earlier one.
    EMR_CONFIGURATIONS: List<Nested> = Key::named("emr_configurations")
        .typed_as(&[Argument::new(
            "emr-configuration",
            Takes::Json("JSON"),
            "Settings for an application, as `RunJobFlow` takes them (EMR 4 and later); may be repeated, and a later one \
             of a classification replaces an earlier one; or `file://PATH`",
        )
        .also(&["configurations"])
        .under(HEADING)]);

    /// Image (AMI) of the instances in place of EMR's own (EMR 5.7 and later).
    IMAGE_ID: String = Key::named("image_id")
        .typed_as(&[argument(
            "image-id",
            "AMI",
            "Image (AMI) of the instances in place of EMR's own (EMR 5.7 and later)",
        )
        .also(&["custom-ami-id"])]);

    /// Size of each root volume in GiB; 0, which is the default, is EMR's usual size.
    EBS_ROOT_VOLUME_GB: Gibibytes = Key::named("ebs_root_volume_gb")
        .typed_as(&[argument("ebs-root-volume-gb", "GIB", "Size of each root volume in GiB; 0 is EMR's usual size [default: 0]")
            .also(&["ebs-root-volume-size"])]);

    /// IOPS of each root volume (EMR 6.15 and later); by default EMR's own.
    EBS_ROOT_VOLUME_IOPS: u32 = Key::named("ebs_root_volume_iops")
        .typed_as(&[argument("ebs-root-volume-iops", "N", "IOPS of each root volume (EMR 6.15 and later) [default: EMR's]")]);

    /// Throughput of each root volume in MiB a second (EMR 6.15 and later); by default EMR's own.
    EBS_ROOT_VOLUME_THROUGHPUT: u32 = Key::named("ebs_root_volume_throughput")
        .typed_as(&[argument(
            "ebs-root-volume-throughput",
            "N",
            "Throughput of each root volume in MiB a second (EMR 6.15 and later) [default: EMR's]",
        )]);

    /// Name of a security configuration (EMR 4.8 and later).
    SECURITY_CONFIGURATION: String = Key::named("security_configuration")
        .typed_as(&[argument("security-configuration", "NAME", "Security configuration, by name (EMR 4.8 and later) [default: none]")]);

    /// Whether EMR indexes its logs (EMR 4.1 to 5.27); by default not.
    ENABLE_EMR_DEBUGGING: bool = Key::named("enable_emr_debugging")
        .typed_as(&[
            Argument::yes("enable-emr-debugging", "Let EMR index its logs (EMR 4.1 to 5.27)")
                .overrides(&["disable-emr-debugging"])
                .under(HEADING),
            Argument::no("disable-emr-debugging", "Do not let EMR index its logs, whatever mrjob.conf says")
                .under(HEADING),
        ]);
}
