"""Where the alignment of the face data set FFHQ puts the eyes.

Measured with facemesh.468, each eye as the middle of its corners, on 215 pictures that went through that alignment: 75
photographs of FFHQ, and 140 pictures of three sources of the StyleGAN2 family. Their median, made symmetrical; the robust
standard deviation of each coordinate is 0.004.
"""

EYES = ((0.3768, 0.4759), (0.6232, 0.4759))
"""x and y of the left and the right eye in the picture, in picture widths from its left and its upper edge."""
