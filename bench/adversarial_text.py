"""The words of bench/adversarial_page.py."""

WORDS = {
    "clean_fake": "none", "noise_4": "noise of ±4/255, no gradient",
    "fgsm_1": "one step (FGSM), 1/255", "fgsm_2": "one step, 2/255", "fgsm_4": "one step, 4/255", "fgsm_8": "one step, 8/255",
    "pgd_1": "ten steps (PGD), 1/255", "pgd_2": "ten steps, 2/255", "pgd_4": "ten steps, 4/255", "pgd_8": "ten steps, 8/255",
    "patch": "one square of 1 % for all, learned on others", "transfer_4": "ten steps on a surrogate, 4/255",
    "transfer_8": "ten steps on a surrogate, 8/255", "eot_4": "knows the copies (EOT, BPDA), 4/255",
    "eot_8": "knows the copies (EOT, BPDA), 8/255", "aware_4": "knows copies and probe, 4/255",
    "aware_8": "knows copies and probe, 8/255",
}  # fmt: skip
TITLES = {
    "face_net": "face_net as shipped", "face_net_hardened": "face_net, fine-tuned on attacked pictures",
    "face_net_AC": "face_net that has not seen the people it judges here",
}  # fmt: skip
HEAD = ()
TAIL = ()
CARD_TAIL = ()
